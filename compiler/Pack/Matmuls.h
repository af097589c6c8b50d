//===- Matmuls.h - Rows and weights of the ops that multiply ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_PACK_MATMULS_H
#define GEMMA_COMPILER_PACK_MATMULS_H

#include "dialect/GemmaOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::gemma {

/// Calls `apply` with `op` as what it is if it is one of the ops that multiply
/// normed rows by weights: they have getX, getNormWeight, getPacked and their
/// mutable forms in common. Returns whether it is one.
template <typename Apply> bool visitNormOp(Operation *op, Apply apply) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<NormLinearOp, NormQkvOp, NormGegluOp, LmHeadOp>([&](auto norm) {
        apply(norm);
        return true;
      })
      .Default([](Operation *) { return false; });
}

/// The rows that `op` multiplies as they are: linear's and linear_residual's.
/// Null for other ops.
OpOperand *getPlainRows(Operation *op);

/// The first weight matrix of an op that multiplies; null for other ops. All
/// of its matrices have one encoding.
Value getMatrix(Operation *op);

/// The kind of the encoding of getMatrix(op), if it is packed.
std::optional<EncodingKind> getMatrixKind(Operation *op);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_PACK_MATMULS_H
