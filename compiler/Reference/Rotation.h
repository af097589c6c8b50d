//===- Rotation.h - Rotary position embedding of rows -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_ROTATION_H
#define GEMMA_COMPILER_REFERENCE_ROTATION_H

#include "compiler/Reference/RowAccess.h"

namespace mlir::gemma::reference {

/// What gemma.rope says, for any op that rotates.
struct Rotation {
  int64_t headDim;
  int64_t rotated;
  double base;
  double positionScale;
  /// Null if there is none.
  Value table;

  /// The rotation of whole heads of the op's cache.
  template <typename FusedOp> static Rotation ofCache(FusedOp op) {
    int64_t headDim = op.getCache().getType().getHeadDim();
    return {headDim, headDim, op.getBase().convertToDouble(),
            op.getPositionScale().convertToDouble(), op.getTable()};
  }
};

/// Rotates rows of `columns` columns, row-major, in place. Reports a negative
/// position, and a table that gives other angles than the attributes, at `op`.
LogicalResult rotate(Operation *op, RowAccess &access, const Rotation &rotation,
                     llvm::ArrayRef<int64_t> positions, int64_t columns,
                     std::vector<double> &rows);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_ROTATION_H
