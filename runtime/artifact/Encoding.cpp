//===- Encoding.cpp - Sizes and layouts of encoded weights ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Encoding.h"

#include "runtime/core/Checked.h"
#include "runtime/core/HalfFloat.h"

#include <limits>
#include <utility>

using namespace gemma;

//===----------------------------------------------------------------------===//
// Sizes
//===----------------------------------------------------------------------===//

std::optional<WeightLayout> gemma::weightLayout(std::string_view kind,
                                                uint32_t panel) {
  if (panel == 0) {
    return kind == "f32" ? std::optional(WeightLayout::F32Rows) : std::nullopt;
  }
  if (panel == kPanelRows) {
    static constexpr std::pair<std::string_view, WeightLayout> kLayouts[] = {
        {"f32", WeightLayout::F32Panel},   {"f16", WeightLayout::F16Panel},
        {"bf16", WeightLayout::Bf16Panel}, {"q8_0", WeightLayout::Q8Panel},
        {"q4_0", WeightLayout::Q4Panel},
    };
    for (auto [name, layout] : kLayouts) {
      if (kind == name) {
        return layout;
      }
    }
  }
  return std::nullopt;
}

/// ceil(a / b) without overflow.
static uint64_t ceilDiv(uint64_t a, uint64_t b) { return a / b + (a % b != 0); }

namespace {
/// Columns of a panel that lie together, and their bytes.
struct Step {
  uint64_t columns, bytes;
};
} // namespace

static Step stepOf(WeightLayout layout) {
  switch (layout) {
  case WeightLayout::F32Rows:
    return {1, sizeof(float)};
  case WeightLayout::F32Panel:
    return {1, kPanelRows * sizeof(float)};
  case WeightLayout::F16Panel:
    return {1, kPanelRows * sizeof(uint16_t)};
  case WeightLayout::Bf16Panel:
    return {2, kPanelRows * 2 * sizeof(uint16_t)};
  case WeightLayout::Q8Panel:
    return {kSuperblockColumns, kQ8SuperblockBytes};
  case WeightLayout::Q4Panel:
    return {kSuperblockColumns, kQ4SuperblockBytes};
  }
  __builtin_unreachable();
}

uint64_t gemma::panelBytes(WeightLayout layout, uint64_t columns) {
  Step step = stepOf(layout);
  return ceilDiv(columns, step.columns) * step.bytes;
}

std::optional<uint64_t> gemma::encodedBytes(WeightLayout layout,
                                            Span<const uint64_t> shape) {
  if (layout == WeightLayout::F32Rows) {
    std::optional<uint64_t> bytes = sizeof(float);
    for (uint64_t dimension : shape) {
      bytes = bytes ? checkedProduct({*bytes, dimension}) : bytes;
    }
    return bytes;
  }
  if (shape.size() != 2) {
    return std::nullopt;
  }
  Step step = stepOf(layout);
  return checkedProduct({ceilDiv(shape[0], kPanelRows),
                         ceilDiv(shape[1], step.columns), step.bytes});
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

float gemma::valueLimit(WeightLayout layout) {
  switch (layout) {
  case WeightLayout::F32Rows:
  case WeightLayout::F32Panel:
    return std::numeric_limits<float>::infinity();
  case WeightLayout::Bf16Panel:
    // Half a unit above the largest bf16.
    return 0x1.ffp127f;
  case WeightLayout::F16Panel:
    return kHalfLimit;
  case WeightLayout::Q8Panel:
    return kHalfLimit * 127;
  case WeightLayout::Q4Panel:
    return kHalfLimit * 8;
  }
  __builtin_unreachable();
}

/// [columns][16] of the elements that `convert` gives.
template <typename Element, typename Convert>
static void encodeColumns(const PanelRows &panel, Convert convert,
                          unsigned char *out) {
  for (uint64_t k = 0; k < panel.columns; ++k) {
    Element step[kPanelRows] = {};
    for (uint64_t row = 0; row < panel.rows; ++row) {
      step[row] = convert(panel.values[row * panel.stride + k]);
    }
    std::memcpy(out + k * sizeof step, step, sizeof step);
  }
}

/// [ceil(columns / 2)][16][2].
static void encodeBf16(const PanelRows &panel, unsigned char *out) {
  for (uint64_t k = 0; k < panel.columns; k += 2) {
    uint16_t step[kPanelRows][2] = {};
    for (uint64_t row = 0; row < panel.rows; ++row) {
      const float *from = panel.values + row * panel.stride + k;
      step[row][0] = toBf16(from[0]);
      step[row][1] = k + 1 < panel.columns ? toBf16(from[1]) : 0;
    }
    std::memcpy(out + k / 2 * sizeof step, step, sizeof step);
  }
}

void gemma::encodePanel(WeightLayout layout, Q4Rule rule,
                        const PanelRows &panel, unsigned char *out) {
  switch (layout) {
  case WeightLayout::F32Rows:
    break;
  case WeightLayout::F32Panel:
    return encodeColumns<float>(panel, [](float value) { return value; }, out);
  case WeightLayout::F16Panel:
    return encodeColumns<uint16_t>(panel, toHalf, out);
  case WeightLayout::Bf16Panel:
    return encodeBf16(panel, out);
  case WeightLayout::Q8Panel:
    return quantizeQ8(panel, out);
  case WeightLayout::Q4Panel:
    return quantizeQ4(panel, rule, out);
  }
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

// Written from the layouts' description, value by value: what it gives is held
// against the encoders, and what gemma-inspect shows of a weight.

template <typename Element>
static Element elementAt(const unsigned char *bytes, uint64_t index) {
  Element element;
  std::memcpy(&element, bytes + index * sizeof element, sizeof element);
  return element;
}

static float decodeQuantized(WeightLayout layout, const unsigned char *panel,
                             uint64_t row, uint64_t column) {
  bool isQ8 = layout == WeightLayout::Q8Panel;
  const unsigned char *block =
      panel + column / kSuperblockColumns *
                  (isQ8 ? kQ8SuperblockBytes : kQ4SuperblockBytes);
  uint64_t k = column % kSuperblockColumns;
  float scale = fromHalf(elementAt<uint16_t>(block, k / 32 * kPanelRows + row));
  uint64_t step = k / 4, value = k % 4;
  if (isQ8) {
    int q = block[kScaleBytes + (step * kPanelRows + row) * 4 + value];
    return scale * static_cast<float>(q - 128);
  }
  int both = block[kScaleBytes + (step / 2 * kPanelRows + row) * 4 + value];
  int q = step % 2 == 0 ? both & 15 : both >> 4;
  return scale * static_cast<float>(q - 8);
}

void gemma::decodePanelRow(WeightLayout layout, const unsigned char *panel,
                           uint64_t row, uint64_t columns, float *out) {
  for (uint64_t k = 0; k < columns; ++k) {
    switch (layout) {
    case WeightLayout::F32Rows:
      break;
    case WeightLayout::F32Panel:
      out[k] = elementAt<float>(panel, k * kPanelRows + row);
      break;
    case WeightLayout::F16Panel:
      out[k] = fromHalf(elementAt<uint16_t>(panel, k * kPanelRows + row));
      break;
    case WeightLayout::Bf16Panel: {
      uint64_t pair = k / 2 * kPanelRows + row;
      uint32_t bits = elementAt<uint16_t>(panel, pair * 2 + k % 2);
      bits <<= 16;
      std::memcpy(&out[k], &bits, sizeof bits);
      break;
    }
    case WeightLayout::Q8Panel:
    case WeightLayout::Q4Panel:
      out[k] = decodeQuantized(layout, panel, row, k);
      break;
    }
  }
}
