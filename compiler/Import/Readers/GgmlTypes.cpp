//===- GgmlTypes.cpp - Tensor types of GGUF and their values --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgmlTypes.h"

#include "compiler/Import/Readers/FloatConversion.h"
#include "runtime/core/HalfFloat.h"

#include <cstring>

using namespace gemma;

namespace {
/// A block's bytes, as unsigned numbers.
struct Block {
  explicit Block(const char *data)
      : bytes(reinterpret_cast<const unsigned char *>(data)) {}

  int operator[](int i) const { return bytes[i]; }
  int getSigned(int i) const { return static_cast<int8_t>(bytes[i]); }
  float getHalf(int i) const {
    return fromHalf(static_cast<uint16_t>(bytes[i] | bytes[i + 1] << 8));
  }

  const unsigned char *bytes;
};
} // namespace

//===----------------------------------------------------------------------===//
// Blocks of 32
//===----------------------------------------------------------------------===//

/// Code i of 32 in 16 bytes from `begin` on: low nibbles, then high ones.
static int nibble(Block block, int begin, int i) {
  int both = block[begin + i % 16];
  return i < 16 ? both & 15 : both >> 4;
}

/// 16 if bit i of the 32 from byte `begin` on is set.
static int fifthBit(Block block, int begin, int i) {
  return (block[begin + i / 8] >> i % 8 & 1) << 4;
}

static void convertQ8_0(const char *data, float *out) {
  Block block(data);
  float d = block.getHalf(0);
  for (int i = 0; i < 32; ++i) {
    out[i] = d * static_cast<float>(block.getSigned(2 + i));
  }
}

static void convertQ4_0(const char *data, float *out) {
  Block block(data);
  float d = block.getHalf(0);
  for (int i = 0; i < 32; ++i) {
    out[i] = d * static_cast<float>(nibble(block, 2, i) - 8);
  }
}

static void convertQ4_1(const char *data, float *out) {
  Block block(data);
  float d = block.getHalf(0), m = block.getHalf(2);
  for (int i = 0; i < 32; ++i) {
    out[i] = d * static_cast<float>(nibble(block, 4, i)) + m;
  }
}

static void convertQ5_0(const char *data, float *out) {
  Block block(data);
  float d = block.getHalf(0);
  for (int i = 0; i < 32; ++i) {
    int q = nibble(block, 6, i) | fifthBit(block, 2, i);
    out[i] = d * static_cast<float>(q - 16);
  }
}

static void convertQ5_1(const char *data, float *out) {
  Block block(data);
  float d = block.getHalf(0), m = block.getHalf(2);
  for (int i = 0; i < 32; ++i) {
    int q = nibble(block, 8, i) | fifthBit(block, 4, i);
    out[i] = d * static_cast<float>(q) + m;
  }
}

//===----------------------------------------------------------------------===//
// Blocks of 256
//===----------------------------------------------------------------------===//

namespace {
struct ScaleAndMinimum {
  int scale, minimum;
};
} // namespace

/// Of sub-block j of 8: numbers of 6 bits in the 12 bytes from 4 on.
static ScaleAndMinimum unpackSix(Block block, int j) {
  auto q = [&](int i) { return block[4 + i]; };
  if (j < 4) {
    return {q(j) & 63, q(j + 4) & 63};
  }
  return {(q(j + 4) & 15) | q(j - 4) >> 6 << 4, q(j + 4) >> 4 | q(j) >> 6 << 4};
}

/// Q4_K, and with five bits Q5_K: d, dmin, 12 bytes of scales, the fifth bits,
/// nibbles. Each 32 bytes of nibbles are the low, then the high halves of 64
/// values; bit j of byte i of the fifth bits is that of value i of sub-block j.
template <bool kFive> static void convertK(const char *data, float *out) {
  Block block(data);
  constexpr int kFifth = 16, kCodes = kFive ? 48 : 16;
  float d = block.getHalf(0), dmin = block.getHalf(2);
  for (int j = 0; j < 8; ++j) {
    ScaleAndMinimum six = unpackSix(block, j);
    float scale = d * static_cast<float>(six.scale);
    float minimum = dmin * static_cast<float>(six.minimum);
    for (int i = 0; i < 32; ++i) {
      int q = block[kCodes + j / 2 * 32 + i] >> j % 2 * 4 & 15;
      if (kFive) {
        q |= (block[kFifth + i] >> j & 1) << 4;
      }
      *out++ = scale * static_cast<float>(q) - minimum;
    }
  }
}

/// 128 bytes of nibbles, 64 of pairs of bits, 16 scales, d. In each half of
/// 128 values, value 32 r + i has its nibble in byte 32 (r mod 2) + i of 64,
/// its two high bits in byte i of 32, at 2 r.
static void convertQ6_K(const char *data, float *out) {
  Block block(data);
  float d = block.getHalf(208);
  for (int half = 0; half < 2; ++half) {
    for (int r = 0; r < 4; ++r) {
      for (int i = 0; i < 32; ++i) {
        int low = block[64 * half + r % 2 * 32 + i] >> r / 2 * 4 & 15;
        int high = block[128 + 32 * half + i] >> 2 * r & 3;
        int scale = block.getSigned(192 + 8 * half + 2 * r + i / 16);
        *out++ = d * static_cast<float>(scale) *
                 static_cast<float>((low | high << 4) - 32);
      }
    }
  }
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

template <auto kConvert> static void convertOne(const char *data, float *out) {
  kConvert(data, 1, out);
}

// Sizes of the types that are not read are there to find what comes after.
static constexpr GgmlType kTypes[] = {
    {0, "F32", 1, 4, convertOne<convertF32>},
    {1, "F16", 1, 2, convertOne<convertF16>},
    {2, "Q4_0", 32, 18, convertQ4_0},
    {3, "Q4_1", 32, 20, convertQ4_1},
    {6, "Q5_0", 32, 22, convertQ5_0},
    {7, "Q5_1", 32, 24, convertQ5_1},
    {8, "Q8_0", 32, 34, convertQ8_0},
    {9, "Q8_1", 32, 36, nullptr},
    {10, "Q2_K", 256, 84, nullptr},
    {11, "Q3_K", 256, 110, nullptr},
    {12, "Q4_K", 256, 144, convertK<false>},
    {13, "Q5_K", 256, 176, convertK<true>},
    {14, "Q6_K", 256, 210, convertQ6_K},
    {15, "Q8_K", 256, 292, nullptr},
    {16, "IQ2_XXS", 256, 66, nullptr},
    {17, "IQ2_XS", 256, 74, nullptr},
    {18, "IQ3_XXS", 256, 98, nullptr},
    {19, "IQ1_S", 256, 50, nullptr},
    {20, "IQ4_NL", 32, 18, nullptr},
    {21, "IQ3_S", 256, 110, nullptr},
    {22, "IQ2_S", 256, 82, nullptr},
    {23, "IQ4_XS", 256, 136, nullptr},
    {24, "I8", 1, 1, nullptr},
    {25, "I16", 1, 2, nullptr},
    {26, "I32", 1, 4, nullptr},
    {27, "I64", 1, 8, nullptr},
    {28, "F64", 1, 8, nullptr},
    {29, "IQ1_M", 256, 56, nullptr},
    {30, "BF16", 1, 2, convertOne<convertBf16>},
    {34, "TQ1_0", 256, 54, nullptr},
    {35, "TQ2_0", 256, 66, nullptr},
    {39, "MXFP4", 32, 17, nullptr},
};

const GgmlType *gemma::findGgmlType(uint32_t number) {
  for (const GgmlType &type : kTypes) {
    if (type.number == number) {
      return &type;
    }
  }
  return nullptr;
}

const GgmlType *gemma::findGgmlType(std::string_view name) {
  for (const GgmlType &type : kTypes) {
    if (name == type.name) {
      return &type;
    }
  }
  return nullptr;
}

const char *gemma::describeReadableTypes() {
  return "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K";
}

void gemma::dequantize(const GgmlType &type, const char *data, int64_t blocks,
                       float *out) {
  if (type.elements == 1) {
    auto all = type.convert == convertOne<convertF32>   ? convertF32
               : type.convert == convertOne<convertF16> ? convertF16
                                                        : convertBf16;
    return all(data, blocks, out);
  }
  for (int64_t i = 0; i < blocks; ++i) {
    type.convert(data + i * type.bytes, out + i * type.elements);
  }
}
