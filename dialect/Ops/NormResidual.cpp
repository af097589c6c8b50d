//===- NormResidual.cpp - gemma.norm_residual -----------------------------===//
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

Value NormResidualOp::getOut() {
  return getOuts().empty() ? Value() : getOuts().front();
}

LogicalResult NormResidualOp::verify() {
  int64_t columns = getColumns(getX().getType());
  unsigned count = getNumGivenRows(*this);
  unsigned expected = getKind() ? 2 : 1;
  if (count != expected) {
    return emitOpError("(C4) expected ")
           << expected << " results, found " << count;
  }
  if (failed(verifyF32Rows(*this, "C1", "x", getX().getType(), columns)) ||
      failed(verifyF32Rows(*this, "C1", "the residual", getResidual().getType(),
                           columns)) ||
      failed(verifyF32Rows(*this, "C1", "the first result", getGivenRows(*this),
                           columns))) {
    return failure();
  }
  if (getWeight() && failed(verifyVector(*this, "C2", "the weight",
                                         getWeight().getType(), columns))) {
    return failure();
  }
  if (getEpsilon().isNegative() || !getEpsilon().isFinite()) {
    return emitOpError("(C3) expected an epsilon of 0 or more, found ")
           << getEpsilonAttr();
  }
  if (!getKind()) {
    return getPackWeight()
               ? emitOpError("(C4) expected a kind with a pack weight")
               : success();
  }
  if (getPackWeight() &&
      failed(verifyVector(*this, "C4", "the pack weight",
                          getPackWeight().getType(), columns))) {
    return failure();
  }
  return verifyPackedRows(*this, "C4", "the second result",
                          getGivenRows(*this, 1), *getKind(), columns);
}

FailureOr<llvm::SmallVector<Value>>
NormResidualOp::decompose(OpBuilder &builder) {
  if (isBuffered() || getKind()) {
    return failure();
  }
  Type type = getResidual().getType();
  Value y = RmsNormOp::create(builder, getLoc(), type, getX(), getWeight(),
                              Value(), Value(), getEpsilonAttr(),
                              getUnitOffsetAttr(), IntegerAttr())
                .getResult();
  return llvm::SmallVector<Value>{
      arith::AddFOp::create(builder, getLoc(), type, getResidual(), y)};
}

void NormResidualOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
