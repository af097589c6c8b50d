//===- PackedRows.cpp - Rows as integers with scales ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/PackedRows.h"

#include <cmath>
#include <cstring>

using namespace mlir::gemma;
using namespace mlir::gemma::reference;

float mlir::gemma::reference::getScale(llvm::ArrayRef<double> values) {
  double largest = 0;
  for (double value : values) {
    largest = std::fmax(largest, std::fabs(value));
  }
  return static_cast<float>(largest / 127);
}

static double divide(double value, float scale) {
  return scale == 0 ? 0 : std::nearbyint(value / scale);
}

double mlir::gemma::reference::roundToScale(double value, float scale) {
  return divide(value, scale) * scale;
}

template <typename Number>
static void store(std::vector<double> &bytes, int64_t at, Number number) {
  int8_t raw[sizeof(Number)];
  std::memcpy(raw, &number, sizeof number);
  std::copy(std::begin(raw), std::end(raw), bytes.begin() + at);
}

std::vector<double>
mlir::gemma::reference::packRow(llvm::ArrayRef<double> values,
                                EncodingKind kind) {
  PackedRowLayout layout(values.size());
  std::vector<double> bytes(layout.getBytes());
  std::vector<double> padded(values.begin(), values.end());
  padded.resize(layout.values);
  for (int64_t block = 0; block < layout.getBlocks(); ++block) {
    int64_t first = block * kScaleBlock;
    llvm::ArrayRef<double> group(padded.data() + first, kScaleBlock);
    float scale = getScale(group);
    int32_t sum = 0;
    for (int64_t i = 0; i < kScaleBlock; ++i) {
      bytes[first + i] = divide(group[i], scale);
      sum += static_cast<int32_t>(bytes[first + i]);
    }
    store(bytes, layout.getScales() + 4 * block, scale);
    store(bytes, layout.getCorrections() + 4 * block,
          static_cast<int32_t>(-getZeroPoint(kind) * sum));
  }
  return bytes;
}

std::vector<double>
mlir::gemma::reference::unpackRow(llvm::ArrayRef<double> bytes,
                                  int64_t columns) {
  PackedRowLayout layout(columns);
  std::vector<double> values(columns);
  for (int64_t i = 0; i < columns; ++i) {
    int8_t raw[4];
    int64_t at = layout.getScales() + 4 * (i / kScaleBlock);
    std::copy_n(bytes.begin() + at, 4, raw);
    float scale;
    std::memcpy(&scale, raw, sizeof scale);
    values[i] = bytes[i] * scale;
  }
  return values;
}
