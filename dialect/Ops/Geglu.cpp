//===- Geglu.cpp - Gated GELU ---------------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult GegluOp::verify() {
  if (failed(verifySameRows(*this, "C1", "gate", getGate().getType())) ||
      failed(verifySameRows(*this, "C1", "up", getUp().getType()))) {
    return failure();
  }
  for (Value rows : {getGate(), getUp()}) {
    if (!getElementTypeOrSelf(rows).isF32()) {
      return emitOpError("(C1) expected f32 for gate and up, found ")
             << rows.getType();
    }
  }
  return success();
}

void GegluOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
