//===- QuantizeLevel.h - The quantisers for one width of vectors *- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Quantize.cpp includes this file once per level, in a namespace of its own,
// with GEMMA_VECTOR_BYTES defined: it has no include guard. (The vectors are
// no template's, since GCC converts none of a dependent type.)
//
//===----------------------------------------------------------------------===//

typedef float Floats __attribute__((vector_size(GEMMA_VECTOR_BYTES)));
typedef int32_t Ints __attribute__((vector_size(GEMMA_VECTOR_BYTES)));
typedef uint16_t Halves __attribute__((vector_size(GEMMA_VECTOR_BYTES / 2)));
static constexpr int kLanes = GEMMA_VECTOR_BYTES / 4;

//===--- Lanes ------------------------------------------------------===//

static inline Ints select(const Ints &condition, const Ints &yes,
                          const Ints &no) {
  return (condition & yes) | (~condition & no);
}
static inline Floats select(const Ints &condition, const Floats &yes,
                            const Floats &no) {
  return (Floats)select(condition, (Ints)yes, (Ints)no);
}

static inline Floats magnitude(const Floats &x) {
  return (Floats)((Ints)x & 0x7fffffff);
}

/// toHalf of finite values below kHalfLimit.
static inline Ints roundToHalf(const Floats &value) {
  Ints bits = (Ints)value & 0x7fffffff;
  Ints sign = ((Ints)value >> 16) & 0x8000;
  Ints small = (Ints)((Floats)bits + 0.5f) - 0x3f000000;
  Ints large = (bits + (0xfff - 0x38000000) + ((bits >> 13) & 1)) >> 13;
  return sign | select(bits < 0x38800000, small, large);
}

/// fromHalf of finite values.
static inline Floats extendHalf(const Ints &half) {
  Ints bits = (half & 0x7fff) << 13;
  Ints small = (Ints)((Floats)(bits + 0x38800000) - 0x1p-14f);
  Ints large = bits + 0x38000000;
  return (Floats)(select(bits < 0x00800000, small, large) |
                  ((half & 0x8000) << 16));
}

/// 1 / x, and 0 where `isZero`.
static inline Floats invert(const Floats &x, const Ints &isZero) {
  Floats divisor = select(isZero, 1.0f - Floats{}, x);
  return (Floats)(~isZero & (Ints)(1.0f / divisor));
}

static inline Ints isZeroHalf(const Ints &half) { return (half & 0x7fff) == 0; }

static inline void storeHalves(const Ints &halves, unsigned char *out) {
  Halves narrow = __builtin_convertvector(halves, Halves);
  std::memcpy(out, &narrow, sizeof narrow);
}

/// Columns [0, 32) of the tile's rows from `row` on.
static inline void load(const float (*values)[kRows], int row,
                        Floats out[kBlock]) {
  for (int k = 0; k < kBlock; ++k) {
    std::memcpy(&out[k], values[k] + row, sizeof out[k]);
  }
}

//===--- q8_0 -------------------------------------------------------===//

/// The scales, and 8 steps of 4 columns, 64 bytes each.
static inline void quantizeQ8(const Floats x[kBlock], unsigned char *scales,
                              unsigned char *steps) {
  Floats largest = {};
  for (int k = 0; k < kBlock; ++k) {
    Floats size = magnitude(x[k]);
    largest = select(size > largest, size, largest);
  }
  Floats scale = largest / 127.0f;
  Ints half = roundToHalf(scale);
  Floats inverse = invert(scale, isZeroHalf(half));
  storeHalves(half, scales);
  for (int step = 0; step < kBlock / 4; ++step) {
    Ints word = {};
    for (int i = 0; i < 4; ++i) {
      Floats product = x[4 * step + i] * inverse;
      Ints whole = __builtin_convertvector(product, Ints);
      // The difference is exact; a comparison that holds is -1.
      Floats rest = product - __builtin_convertvector(whole, Floats);
      whole = whole - (rest >= 0.5f) + (rest <= -0.5f);
      word |= ((whole + 128) & 0xff) << (8 * i);
    }
    std::memcpy(steps + step * 64, &word, sizeof word);
  }
}

//===--- q4_0 -------------------------------------------------------===//

/// A choice of scales.
struct Scales {
  /// As f16.
  Ints half;
  /// What values are multiplied with to find their integers.
  Floats inverse;
};

/// ggml's integers, less 8.
static inline Ints roundByGgml(const Floats &x, const Floats &inverse) {
  // The sum is positive, so that cutting it off rounds down.
  Ints whole = __builtin_convertvector(x * inverse + 8.5f, Ints) - 8;
  return whole < 7 ? whole : (7 - Ints{});
}

/// The nearest of the integers -8 to 7, as f32, ties to even; |product| is
/// below 2^22.
static inline Floats roundToNearest(const Floats &product) {
  // Around 1.5 * 2^23 floats are the integers, in the order of their bits.
  constexpr float kShift = 12582912.0f;
  constexpr int32_t kShiftBits = 0x4b400000;
  Ints bits = (Ints)(product + kShift);
  Ints low = (kShiftBits - 8) - Ints{}, high = (kShiftBits + 7) - Ints{};
  bits = bits > low ? bits : low;
  bits = bits < high ? bits : high;
  return (Floats)bits - kShift;
}

/// The values of largest magnitude, the first of each block.
static inline Floats findLargest(const Floats x[kBlock]) {
  Floats size = {}, largest = {};
  for (int k = 0; k < kBlock; ++k) {
    Floats here = magnitude(x[k]);
    Ints isLarger = here > size;
    size = select(isLarger, here, size);
    largest = select(isLarger, x[k], largest);
  }
  return largest;
}

static inline Scales scaleByGgml(const Floats &largest) {
  // The sum makes 0 of the -0 of a block of zeros.
  Floats scale = largest / -8.0f + 0.0f;
  Ints half = roundToHalf(scale);
  return {half, invert(scale, isZeroHalf(half))};
}

/// The scales of the smallest squared error among those of a grid: the value
/// of largest magnitude goes to -n, or to n - 1 with the other sign, for n
/// from 7 to 9.5; beyond 8 the largest values are cut off, to the gain of
/// the others. On normal values this is within 0.1 % of the best scale's
/// error.
static inline Scales searchScales(const Floats x[kBlock],
                                  const Floats &largest) {
  constexpr int kSteps = 12;
  Floats unit = invert(largest, largest == 0.0f);
  // sum(x^2) - sum((x - d q)^2), to be made large.
  Floats bestGain = {};
  Ints best = {};
  for (int candidate = 0; candidate < 2 * kSteps; ++candidate) {
    float n = 7.0f + (candidate >> 1) * (2.5f / (kSteps - 1));
    Floats inverse = unit * (candidate % 2 ? n - 1.0f : -n);
    Floats products = {}, squares = {};
    for (int k = 0; k < kBlock; ++k) {
      Floats q = roundToNearest(x[k] * inverse);
      products += x[k] * q;
      squares += q * q;
    }
    // The largest value's q is not 0, so a block of zeros apart, squares
    // are at least 1.
    Floats fitted = products / select(squares > 1.0f, squares, 1.0f - Floats{});
    Ints half = roundToHalf(fitted);
    Floats scale = extendHalf(half);
    Floats gain = scale * (products + products - scale * squares);
    // A scale that f16 cannot hold is no candidate.
    Ints isBetter = (gain > bestGain) & (magnitude(fitted) < 65504.0f);
    bestGain = select(isBetter, gain, bestGain);
    best = select(isBetter, half, best);
  }
  return {best, invert(extendHalf(best), isZeroHalf(best))};
}

/// Where the found scales' error, sum((x - d q)^2), is the smaller one, by
/// more than what the sums may have rounded.
static inline Ints compare(const Floats x[kBlock], const Scales &plain,
                           const Scales &found) {
  Floats plainScale = extendHalf(plain.half);
  Floats foundScale = extendHalf(found.half);
  Floats plainError = {}, foundError = {};
  for (int k = 0; k < kBlock; ++k) {
    Ints q = roundByGgml(x[k], plain.inverse);
    Floats rest = x[k] - plainScale * __builtin_convertvector(q, Floats);
    plainError += rest * rest;
    rest = x[k] - foundScale * roundToNearest(x[k] * found.inverse);
    foundError += rest * rest;
  }
  return foundError < plainError * 0.9999f;
}

/// The scales, and 4 times two steps of 4 columns, 64 bytes each.
template <Q4Rule kRule>
static inline void quantizeQ4(const Floats x[kBlock], unsigned char *scales,
                              unsigned char *steps) {
  constexpr bool kSearches = kRule == Q4Rule::Mse;
  Floats largest = findLargest(x);
  Scales plain = scaleByGgml(largest), found = plain;
  Ints takesFound = {};
  if (kSearches) {
    found = searchScales(x, largest);
    takesFound = compare(x, plain, found);
  }
  storeHalves(select(takesFound, found.half, plain.half), scales);
  for (int pair = 0; pair < kBlock / 8; ++pair) {
    Ints word = {};
    for (int i = 0; i < 8; ++i) {
      const Floats &value = x[8 * pair + i];
      Ints q = roundByGgml(value, plain.inverse);
      if (kSearches) {
        Floats nearest = roundToNearest(value * found.inverse);
        q = select(takesFound, __builtin_convertvector(nearest, Ints), q);
      }
      // Bytes are columns; the later four are their high halves.
      word |= ((q + 8) & 15) << (i < 4 ? 8 * i : 8 * (i - 4) + 4);
    }
    std::memcpy(steps + pair * 64, &word, sizeof word);
  }
}

//===--- Panels -------------------------------------------------------===//

/// Columns [column, column + 64) of a panel, zeros where it has none.
static inline void loadTile(const PanelRows &panel, uint64_t column,
                            Tile &out) {
  // No function of the standard library here: the linker could take this
  // level's copy of it for all.
  uint64_t rest = panel.columns - column;
  uint64_t width = rest < kSuperblockColumns ? rest : kSuperblockColumns;
  const float *from = panel.values + column;
  if (panel.rows == kRows && width == kSuperblockColumns) {
    for (int row = 0; row < kRows; ++row, from += panel.stride) {
      for (uint64_t k = 0; k < kSuperblockColumns; ++k) {
        out.values[k][row] = from[k];
      }
    }
    return;
  }
  std::memset(&out, 0, sizeof out);
  for (uint64_t row = 0; row < panel.rows; ++row, from += panel.stride) {
    for (uint64_t k = 0; k < width; ++k) {
      out.values[k][row] = from[k];
    }
  }
}

static void quantizeQ8Panel(const PanelRows &panel, unsigned char *out) {
  Tile tile;
  for (uint64_t column = 0; column < panel.columns;
       column += kSuperblockColumns, out += kQ8SuperblockBytes) {
    loadTile(panel, column, tile);
    for (int block = 0; block < 2; ++block) {
      unsigned char *steps = out + kScaleBytes + block * 512;
      for (int row = 0; row < kRows; row += kLanes) {
        Floats x[kBlock];
        load(tile.values + block * kBlock, row, x);
        quantizeQ8(x, out + block * 32 + row * 2, steps + row * 4);
      }
    }
  }
}

template <Q4Rule kRule>
static void quantizeQ4Panel(const PanelRows &panel, unsigned char *out) {
  Tile tile;
  for (uint64_t column = 0; column < panel.columns;
       column += kSuperblockColumns, out += kQ4SuperblockBytes) {
    loadTile(panel, column, tile);
    for (int block = 0; block < 2; ++block) {
      unsigned char *steps = out + kScaleBytes + block * 256;
      for (int row = 0; row < kRows; row += kLanes) {
        Floats x[kBlock];
        load(tile.values + block * kBlock, row, x);
        quantizeQ4<kRule>(x, out + block * 32 + row * 2, steps + row * 4);
      }
    }
  }
}
