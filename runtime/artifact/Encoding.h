//===- Encoding.h - Sizes and layouts of encoded weights --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The layouts (dialect: #gemma.encoding), N = rows of the weight, K = columns:
//
//   F32Rows    f32, panel 0    row-major, any rank
//   F32Panel   f32, panel 16   [ceil(N/16)][K][16]
//   F16Panel   f16, panel 16   [ceil(N/16)][K][16]
//   Bf16Panel  bf16, panel 16  [ceil(N/16)][ceil(K/2)][16][2]
//   Q8Panel    q8_0, panel 16  [ceil(N/16)][ceil(K/64)] superblocks of 1088
//   Q4Panel    q4_0, panel 16  or 576 bytes, see Quantize.h
//
// Rows and columns that a weight does not have are zeros.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_ENCODING_H
#define GEMMA_RUNTIME_ARTIFACT_ENCODING_H

#include "runtime/artifact/Quantize.h"
#include "runtime/core/Span.h"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace gemma {

/// Rows of a weight in one panel.
constexpr uint64_t kPanelRows = 16;

enum class WeightLayout {
  F32Rows,
  F32Panel,
  F16Panel,
  Bf16Panel,
  Q8Panel,
  Q4Panel
};

/// The layout of an encoding's kind and panel; nothing if it is unknown.
std::optional<WeightLayout> weightLayout(std::string_view kind, uint32_t panel);

/// Bytes of a weight, padding included; nothing if the layout does not have
/// such shapes or the size does not fit 64 bits.
std::optional<uint64_t> encodedBytes(WeightLayout layout,
                                     Span<const uint64_t> shape);

/// Whether values are integers times the scale of a block.
constexpr bool isQuantized(WeightLayout layout) {
  return layout == WeightLayout::Q8Panel || layout == WeightLayout::Q4Panel;
}

/// Bytes of `columns` columns of a panel, or of one row of F32Rows. `columns`
/// is small enough for the product.
uint64_t panelBytes(WeightLayout layout, uint64_t columns);

/// Values of this magnitude and above have no finite value in the layout: they
/// round to infinity, or the scale of their block does. Infinity if all
/// finite values fit.
float valueLimit(WeightLayout layout);

/// Writes a panel of any layout but F32Rows, panelBytes(layout, panel.columns)
/// bytes. All values are below valueLimit; `rule` matters for q4_0 only.
void encodePanel(WeightLayout layout, Q4Rule rule, const PanelRows &panel,
                 unsigned char *out);

/// Writes the f32 values, `columns` of them, of row `row` of a panel of any
/// layout but F32Rows.
void decodePanelRow(WeightLayout layout, const unsigned char *panel,
                    uint64_t row, uint64_t columns, float *out);

/// bf16 nearest to `value`, ties to even; NaN stays NaN.
inline uint16_t toBf16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  if ((bits & 0x7fffffff) > 0x7f800000) {
    // Quiet, so that rounding cannot make an infinity of it.
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  }
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_ENCODING_H
