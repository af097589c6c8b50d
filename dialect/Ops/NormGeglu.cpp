//===- NormGeglu.cpp - gemma.norm_geglu -*- C++ -*-===//
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

LogicalResult NormGegluOp::verify() {
  if (getGate().getType() != getUp().getType()) {
    return emitOpError("(C1) expected one type for gate and up, found ")
           << getGate().getType() << " and " << getUp().getType();
  }
  if (failed(verifyNorm(*this, getX(), getNormWeight(), getPacked(), getGate(),
                        getEpsilon()))) {
    return failure();
  }
  int64_t columns = getWeightShape(getGate().getType())[0];
  return verifyPackedRows(*this, "C2", "the result", getGivenRows(*this),
                          getKind().value_or(EncodingKind::F32), columns);
}

FailureOr<llvm::SmallVector<Value>> NormGegluOp::decompose(OpBuilder &builder) {
  if (isBuffered() || getPacked() || getKind()) {
    return failure();
  }
  Value y =
      RmsNormOp::create(builder, getLoc(), getX().getType(), getX(),
                        getNormWeight(), Value(), Value(), getEpsilonAttr(),
                        getUnitOffsetAttr(), IntegerAttr())
          .getResult();
  Type type = getResult().getType();
  auto linear = [&](Value weight) {
    return LinearOp::create(builder, getLoc(), type, y, weight, Value(),
                            Value())
        .getResult();
  };
  Value gate = linear(getGate());
  Value up = linear(getUp());
  return llvm::SmallVector<Value>{GegluOp::create(builder, getLoc(), type, gate,
                                                  up, Value(), Value(),
                                                  getGeluAttr())
                                      .getResult()};
}

void NormGegluOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
