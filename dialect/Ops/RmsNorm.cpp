//===- RmsNorm.cpp - Root-mean-square normalisation -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

int64_t RmsNormOp::getGroup() {
  if (std::optional<uint64_t> group = getGroupSize()) {
    return static_cast<int64_t>(*group);
  }
  return getColumns(getX().getType());
}

LogicalResult RmsNormOp::verify() {
  if (failed(verifySameRows(*this, "C1", "x", getX().getType()))) {
    return failure();
  }
  int64_t group = getGroup();
  int64_t columns = getColumns(getX().getType());
  if (group <= 0 || columns % group != 0) {
    return emitOpError("(C2) expected a group size that divides ")
           << columns << ", found " << group;
  }
  if (getWeight()) {
    llvm::ArrayRef<int64_t> weight = getWeightShape(getWeight().getType());
    if (weight.size() != 1 || weight[0] != group) {
      return emitOpError("(C3) expected a vector of ")
             << group << " elements for the weight, found "
             << getWeight().getType();
    }
  }
  if (getEpsilon().isNegative() || !getEpsilon().isFinite()) {
    return emitOpError("(C4) expected an epsilon of 0 or more, found ")
           << getEpsilonAttr();
  }
  if (!getElementTypeOrSelf(getX()).isF32()) {
    return emitOpError("(C5) expected f32 for x, found ") << getX().getType();
  }
  return success();
}

void RmsNormOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
