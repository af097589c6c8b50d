//===- Rotation.cpp - Rotary position embedding of rows -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Rotation.h"

#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

/// Checks that the table gives, for one position, the angles that the op's
/// attributes say. Rows are rotated by the attributes: rounding the table to
/// f32 is an error of the implementation, not of the meaning.
static LogicalResult checkTable(Operation *op, RowAccess &access, Value table,
                                int64_t position,
                                llvm::ArrayRef<double> cosines,
                                llvm::ArrayRef<double> sines) {
  constexpr int64_t kStride = RopeTableSourceAttr::kStride;
  auto half = static_cast<int64_t>(cosines.size());
  int64_t coarse = getWeightShape(table.getType())[0] - kStride;
  if (position / kStride >= coarse) {
    return op->emitOpError("expected positions below ")
           << coarse * kStride << " for the table, found " << position;
  }
  auto a = access.readWeight(table, position / kStride, 1);
  auto b = access.readWeight(table, coarse + position % kStride, 1);
  if (failed(a) || failed(b)) {
    return failure();
  }
  for (int64_t i = 0; i < half; ++i) {
    double cosA = (*a)[i], sinA = (*a)[half + i];
    double cosB = (*b)[i], sinB = (*b)[half + i];
    double cosine = cosA * cosB - sinA * sinB;
    double sine = sinA * cosB + cosA * sinB;
    if (!(std::fabs(cosine - cosines[i]) < 1e-6) ||
        !(std::fabs(sine - sines[i]) < 1e-6)) {
      return op->emitOpError("expected (")
             << cosines[i] << ", " << sines[i] << ") for pair " << i
             << " at position " << position << ", found (" << cosine << ", "
             << sine << ") in the table";
    }
  }
  return success();
}

LogicalResult mlir::gemma::reference::rotate(Operation *op, RowAccess &access,
                                             const Rotation &rotation,
                                             llvm::ArrayRef<int64_t> positions,
                                             int64_t columns,
                                             std::vector<double> &rows) {
  int64_t pairs = rotation.rotated / 2;
  int64_t half = rotation.headDim / 2;
  std::vector<double> cosines(pairs);
  std::vector<double> sines(pairs);
  for (auto [m, position] : llvm::enumerate(positions)) {
    if (position < 0) {
      return op->emitOpError("expected positions of 0 or more, found ")
             << position;
    }
    for (int64_t i = 0; i < pairs; ++i) {
      double exponent =
          -2.0 * static_cast<double>(i) / static_cast<double>(rotation.headDim);
      double angle = static_cast<double>(position) / rotation.positionScale *
                     std::pow(rotation.base, exponent);
      cosines[i] = std::cos(angle);
      sines[i] = std::sin(angle);
    }
    if (rotation.table && failed(checkTable(op, access, rotation.table,
                                            position, cosines, sines))) {
      return failure();
    }
    double *row = rows.data() + m * columns;
    for (int64_t head = 0; head < columns; head += rotation.headDim) {
      for (int64_t i = 0; i < pairs; ++i) {
        double &low = row[head + i];
        double &high = row[head + i + half];
        double rotated = low * cosines[i] - high * sines[i];
        high = high * cosines[i] + low * sines[i];
        low = rotated;
      }
    }
  }
  return success();
}
