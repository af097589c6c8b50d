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

LogicalResult AttentionOp::verify() {
  if (failed(verifySameRows(*this, "C1", "q", getQ().getType()))) {
    return failure();
  }
  if (!getElementTypeOrSelf(getQ()).isF32()) {
    return emitOpError("(C1) expected f32 for q, found ") << getQ().getType();
  }
  if (failed(verifyPartials(*this, "C5", getPartials(), getCombine()))) {
    return failure();
  }
  return verifyAttention(*this, "C2", "C3", "C4", getColumns(getQ().getType()),
                         getCache().getType(), getQScaleAttr(),
                         getSoftcapAttr(), getWindow());
}

void AttentionOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
  addPartialsEffect(getPartialsMutable(), getCombine(), effects);
  addCacheEffect<MemoryEffects::Read>(getCacheMutable(), effects);
}
