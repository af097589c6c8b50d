//===- LinearResidual.cpp - gemma.linear_residual -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"
#include "dialect/PackedRows.h"

using namespace mlir;
using namespace mlir::gemma;

Value LinearResidualOp::getOut() {
  return getOuts().empty() ? Value() : getOuts().front();
}

LogicalResult LinearResidualOp::verify() {
  llvm::ArrayRef<int64_t> shape = getWeightShape(getWeight().getType());
  unsigned count = getNumGivenRows(*this);
  if (shape.size() != 2) {
    return emitOpError("(C1) expected a matrix for the weight, found ")
           << getWeight().getType();
  }
  if (count != (getKind() ? 2 : 1)) {
    return emitOpError("(C3) expected ")
           << (getKind() ? 2 : 1) << " results, found " << count;
  }
  if (failed(verifyMatmulRows(*this, "C1", "x", getX().getType(),
                              getWeight().getType()))) {
    return failure();
  }
  if (failed(verifyF32Rows(*this, "C2", "the residual", getResidual().getType(),
                           shape[0])) ||
      failed(verifyF32Rows(*this, "C2", "the first result", getGivenRows(*this),
                           shape[0]))) {
    return failure();
  }
  if (!getKind()) {
    return getNormWeight()
               ? emitOpError("(C3) expected a kind with a norm weight")
               : success();
  }
  if (getNormWeight() &&
      failed(verifyVector(*this, "C3", "the norm's weight",
                          getNormWeight().getType(), shape[0]))) {
    return failure();
  }
  return verifyPackedRows(*this, "C3", "the second result",
                          getGivenRows(*this, 1), *getKind(), shape[0]);
}

FailureOr<llvm::SmallVector<Value>>
LinearResidualOp::decompose(OpBuilder &builder) {
  if (isBuffered() || getKind()) {
    return failure();
  }
  Type type = getResidual().getType();
  Value y = LinearOp::create(builder, getLoc(), type, getX(), getWeight(),
                             Value(), Value())
                .getResult();
  return llvm::SmallVector<Value>{
      arith::AddFOp::create(builder, getLoc(), type, getResidual(), y)};
}

void LinearResidualOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
