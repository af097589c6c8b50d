//===- Embed.cpp - Scaled rows of the embedding table ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult EmbedOp::verify() {
  llvm::ArrayRef<int64_t> table = getWeightShape(getTable().getType());
  int64_t columns = getColumns(getGivenRows(*this));
  if (table.size() != 2 || table[1] != columns) {
    return emitOpError("(C1) expected a matrix with ")
           << columns << " columns for the table, found "
           << getTable().getType();
  }
  if (!getGivenRows(*this).getElementType().isF32()) {
    return emitOpError("(C2) expected f32 for the result's element, found ")
           << getGivenRows(*this).getElementType();
  }
  return success();
}

void EmbedOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
