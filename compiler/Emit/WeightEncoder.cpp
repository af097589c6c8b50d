//===- WeightEncoder.cpp - Rows of a weight in an encoding ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/WeightEncoder.h"

#include "runtime/artifact/Encoding.h"

#include <algorithm>
#include <cstring>

using namespace mlir::gemma;

WeightEncoder::WeightEncoder(EncodingAttr encoding, int64_t rows,
                             int64_t columns)
    : kind(encoding.getKind()), panel(encoding.getPanel()), rows(rows),
      columns(columns) {}

int64_t WeightEncoder::getGroups() const {
  return (rows + getGroupRows() - 1) / getGroupRows();
}

int64_t WeightEncoder::getGroupBytes() const {
  if (kind == EncodingKind::F32) {
    return getGroupRows() * columns * 4;
  }
  return (columns + 1) / 2 * getGroupRows() * 4;
}

/// One panel, [columns][panel].
void WeightEncoder::encodePanelF32(const float *values, int64_t count,
                                   char *out) const {
  auto *to = reinterpret_cast<float *>(out);
  for (int64_t k = 0; k < columns; ++k, to += panel) {
    for (int64_t row = 0; row < count; ++row) {
      to[row] = values[row * columns + k];
    }
  }
}

/// One panel, [(columns + 1) / 2][panel][2].
void WeightEncoder::encodePanelBf16(const float *values, int64_t count,
                                    char *out) const {
  auto *to = reinterpret_cast<uint16_t *>(out);
  for (int64_t k = 0; k < columns; k += 2, to += 2 * panel) {
    for (int64_t row = 0; row < count; ++row) {
      const float *from = values + row * columns + k;
      to[2 * row] = ::gemma::toBf16(from[0]);
      to[2 * row + 1] = k + 1 < columns ? ::gemma::toBf16(from[1]) : 0;
    }
  }
}

void WeightEncoder::encode(const float *values, int64_t count,
                           char *out) const {
  if (panel == 0) {
    std::memcpy(out, values, count * columns * sizeof(float));
    return;
  }
  for (int64_t row = 0; row < count; row += panel, out += getGroupBytes()) {
    int64_t here = std::min(panel, count - row);
    if (here < panel) {
      std::memset(out, 0, getGroupBytes());
    }
    if (kind == EncodingKind::F32) {
      encodePanelF32(values + row * columns, here, out);
    } else {
      encodePanelBf16(values + row * columns, here, out);
    }
  }
}
