//===- SelectRows.cpp - The rows whose logits are asked for ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult SelectRowsOp::verify() {
  ShapedType given = getGivenRows(*this);
  auto taken = llvm::cast<ShapedType>(getX().getType());
  if (given.getDimSize(1) != taken.getDimSize(1) ||
      given.getElementType() != taken.getElementType()) {
    return emitOpError("(C1) expected x's width and element, those of ")
           << taken << ", found " << given;
  }
  return success();
}

void SelectRowsOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
