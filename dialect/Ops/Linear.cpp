//===- Linear.cpp - Matrix product with a weight --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult LinearOp::verify() {
  llvm::ArrayRef<int64_t> weight = getWeightShape(getWeight().getType());
  int64_t n = getColumns(getGivenRows(*this));
  if (weight.size() != 2 || weight[0] != n) {
    return emitOpError("(C1) expected a ")
           << n << "x" << getColumns(getX().getType())
           << " matrix for the weight, found " << getWeight().getType();
  }
  if (failed(verifyMatmulRows(*this, "C1", "x", getX().getType(),
                              getWeight().getType()))) {
    return failure();
  }
  if (!getGivenRows(*this).getElementType().isF32()) {
    return emitOpError("(C2) expected f32 for the result's element, found ")
           << getGivenRows(*this).getElementType();
  }
  return success();
}

void LinearOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
