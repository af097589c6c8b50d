//===- Rope.cpp - Rotary position embedding -------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult RopeOp::verify() {
  if (failed(verifySameRows(*this, "C1", "x", getX().getType()))) {
    return failure();
  }
  for (Type type : {Type(getGivenRows(*this)), getX().getType()}) {
    if (!getElementTypeOrSelf(type).isF32()) {
      return emitOpError("(C1) expected f32 rows, found ") << type;
    }
  }
  int64_t columns = getColumns(getX().getType());
  auto headDim = static_cast<int64_t>(getHeadDim());
  auto rotated = static_cast<int64_t>(getRotated());
  if (headDim <= 0 || headDim % 2 != 0 || columns % headDim != 0) {
    return emitOpError("(C2) expected an even head_dim that divides ")
           << columns << ", found " << headDim;
  }
  if (rotated < 0 || rotated % 2 != 0 || rotated > headDim) {
    return emitOpError("(C3) expected an even rotated from 0 to ")
           << headDim << ", found " << rotated;
  }
  if (!isPositive(getBase())) {
    return emitOpError("(C4) expected a positive base, found ")
           << getBaseAttr();
  }
  if (!isPositive(getPositionScale())) {
    return emitOpError("(C4) expected a positive position_scale, found ")
           << getPositionScaleAttr();
  }
  if (!getTable()) {
    return success();
  }
  llvm::ArrayRef<int64_t> table = getWeightShape(getTable().getType());
  if (table.size() != 3 || table[0] <= RopeTableSourceAttr::kStride ||
      table[1] != 2 || table[2] != rotated / 2) {
    return emitOpError("(C5) expected a table [more than ")
           << RopeTableSourceAttr::kStride << ", 2, " << rotated / 2
           << "], found " << getTable().getType();
  }
  return success();
}

LogicalResult RopeOp::fold(FoldAdaptor,
                           llvm::SmallVectorImpl<OpFoldResult> &results) {
  // Nothing is rotated: x itself.
  if (getRotated() != 0 || !getResult() ||
      getResult().getType() != getX().getType()) {
    return failure();
  }
  results.push_back(getX());
  return success();
}

void RopeOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
