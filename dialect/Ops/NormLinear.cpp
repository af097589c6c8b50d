//===- NormLinear.cpp - gemma.norm_linear -*- C++ -*-===//
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

Value NormLinearOp::getOut() {
  return getOuts().empty() ? Value() : getOuts().front();
}

LogicalResult NormLinearOp::verify() {
  if (getWeights().empty() || getNumGivenRows(*this) != getWeights().size()) {
    return emitOpError("(C1) expected a result for every weight, found ")
           << getNumGivenRows(*this) << " for " << getWeights().size();
  }
  if (failed(verifyNorm(*this, getX(), getNormWeight(), getPacked(),
                        getWeights().front(), getEpsilon()))) {
    return failure();
  }
  int64_t depth = getColumns(getX().getType());
  for (auto [i, weight] : llvm::enumerate(getWeights())) {
    Type type = weight.getType();
    int64_t columns = getColumns(getGivenRows(*this, i));
    if (failed(verifyMatrix(*this, "C1", "a weight", type, columns, depth)) ||
        failed(verifyF32Rows(*this, "C2", "a result", getGivenRows(*this, i),
                             columns))) {
      return failure();
    }
    if (!haveSameForm(type, getWeights().front().getType())) {
      return emitOpError("(C5) expected weights of one form, found ")
             << getWeights().front().getType() << " and " << type;
    }
  }
  return success();
}

FailureOr<llvm::SmallVector<Value>>
NormLinearOp::decompose(OpBuilder &builder) {
  if (isBuffered() || getPacked()) {
    return failure();
  }
  Value y =
      RmsNormOp::create(builder, getLoc(), getX().getType(), getX(),
                        getNormWeight(), Value(), Value(), getEpsilonAttr(),
                        getUnitOffsetAttr(), IntegerAttr())
          .getResult();
  llvm::SmallVector<Value> values;
  for (auto [weight, result] : llvm::zip(getWeights(), getResults())) {
    values.push_back(LinearOp::create(builder, getLoc(), result.getType(), y,
                                      weight, Value(), Value())
                         .getResult());
  }
  return values;
}

void NormLinearOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
