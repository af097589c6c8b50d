//===- LmHead.cpp - gemma.lm_head -*- C++ -*-===//
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

bool LmHeadOp::picksRows(unsigned operand) {
  Value value = getOperation()->getOperand(operand);
  return value == getX() || value == getPacked();
}

LogicalResult LmHeadOp::verify() {
  if (failed(verifyNorm(*this, getX(), getNormWeight(), getPacked(),
                        getWeight(), getEpsilon()))) {
    return failure();
  }
  int64_t columns = getColumns(getGivenRows(*this));
  if (failed(verifyMatrix(*this, "C1", "the weight", getWeight().getType(),
                          columns, getColumns(getX().getType()))) ||
      failed(verifyF32Rows(*this, "C2", "the result", getGivenRows(*this),
                           columns))) {
    return failure();
  }
  if (getCap() && !isPositive(*getCap())) {
    return emitOpError("(C4) expected a positive cap, found ") << getCapAttr();
  }
  return success();
}

FailureOr<llvm::SmallVector<Value>> LmHeadOp::decompose(OpBuilder &builder) {
  if (isBuffered() || getPacked()) {
    return failure();
  }
  Location loc = getLoc();
  auto all = llvm::cast<RankedTensorType>(getX().getType());
  auto type = llvm::cast<RankedTensorType>(getResult().getType());
  Type rows = all.clone({type.getDimSize(0), all.getDimSize(1)});
  Value x = SelectRowsOp::create(builder, loc, rows, getX(), getIndices(),
                                 Value(), Value())
                .getResult();
  x = RmsNormOp::create(builder, loc, rows, x, getNormWeight(), Value(),
                        Value(), getEpsilonAttr(), getUnitOffsetAttr(),
                        IntegerAttr())
          .getResult();
  Value y =
      LinearOp::create(builder, loc, type, x, getWeight(), Value(), Value())
          .getResult();
  if (FloatAttr cap = getCapAttr()) {
    y = SoftcapOp::create(builder, loc, type, y, Value(), Value(), cap)
            .getResult();
  }
  return llvm::SmallVector<Value>{y};
}

void LmHeadOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
