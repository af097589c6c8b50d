//===- Softcap.cpp - Soft limit of logits ---------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult SoftcapOp::verify() {
  if (failed(verifySameRows(*this, "C1", "x", getX().getType()))) {
    return failure();
  }
  for (Type type : {Type(getGivenRows(*this)), getX().getType()}) {
    if (!getElementTypeOrSelf(type).isF32()) {
      return emitOpError("(C1) expected f32 rows, found ") << type;
    }
  }
  if (!getCap().isFinite() || getCap().isNegative() || getCap().isZero()) {
    return emitOpError("(C2) expected a positive cap, found ") << getCapAttr();
  }
  return success();
}

void SoftcapOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
