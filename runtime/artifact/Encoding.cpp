//===- Encoding.cpp - Sizes and layouts of encoded weights ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Encoding.h"

#include "runtime/core/Checked.h"

using namespace gemma;

std::optional<WeightLayout> gemma::weightLayout(std::string_view kind,
                                                uint32_t panel) {
  if (kind == "f32" && panel == 0) {
    return WeightLayout::F32Rows;
  }
  if (kind == "f32" && panel == kPanelRows) {
    return WeightLayout::F32Panel;
  }
  if (kind == "bf16" && panel == kPanelRows) {
    return WeightLayout::Bf16Panel;
  }
  return std::nullopt;
}

/// ceil(a / b) without overflow.
static uint64_t ceilDiv(uint64_t a, uint64_t b) { return a / b + (a % b != 0); }

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
  uint64_t panels = ceilDiv(shape[0], kPanelRows);
  if (layout == WeightLayout::F32Panel) {
    return checkedProduct({panels, shape[1], kPanelRows, sizeof(float)});
  }
  return checkedProduct(
      {panels, ceilDiv(shape[1], 2), kPanelRows, 2, sizeof(uint16_t)});
}
