//===- Attention.cpp - Causal attention over a KV cache -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

static bool isPositive(const llvm::APFloat &value) {
  return value.isFinite() && !value.isNegative() && !value.isZero();
}

LogicalResult AttentionOp::verify() {
  if (failed(verifySameRows(*this, "C1", "q", getQ().getType()))) {
    return failure();
  }
  if (!getElementTypeOrSelf(getQ()).isF32()) {
    return emitOpError("(C1) expected f32 for q, found ") << getQ().getType();
  }
  KvCacheType cache = getCache().getType();
  int64_t kvColumns = cache.getHeads() * cache.getHeadDim();
  int64_t columns = getColumns(getQ().getType());
  if (columns <= 0 || columns % kvColumns != 0) {
    return emitOpError("(C2) expected a multiple of ")
           << kvColumns << " columns for q, found " << columns;
  }
  if (!isPositive(getQScale())) {
    return emitOpError("(C3) expected a positive q_scale, found ")
           << getQScaleAttr();
  }
  if (getSoftcapAttr() && !isPositive(*getSoftcap())) {
    return emitOpError("(C3) expected a positive softcap, found ")
           << getSoftcapAttr();
  }
  // A cache without a window keeps the whole context, so any window fits it.
  auto window = static_cast<int64_t>(getWindow());
  if (window < 0) {
    return emitOpError("(C4) expected a window of 0 or more, found ") << window;
  }
  if (cache.getWindow() != 0 && (window == 0 || window > cache.getWindow())) {
    return emitOpError("(C4) expected a window from 1 to the cache's ")
           << cache.getWindow() << ", found " << window;
  }
  return success();
}

void AttentionOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
  addCacheEffect<MemoryEffects::Read>(getCacheMutable(), effects);
}
