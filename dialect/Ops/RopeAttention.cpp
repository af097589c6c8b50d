//===- RopeAttention.cpp - gemma.rope_attention -*- C++ -*-===//
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

LogicalResult RopeAttentionOp::verify() {
  KvCacheType cache = getCache().getType();
  int64_t columns = getColumns(getQ().getType());
  if (failed(verifyF32Rows(*this, "C1", "q", getQ().getType(), columns)) ||
      failed(verifyPackedRows(*this, "C1", "the result", getGivenRows(*this),
                              getKind().value_or(EncodingKind::F32),
                              columns)) ||
      failed(verifyAttention(*this, "C1", "C2", "C2", columns, cache,
                             getQScaleAttr(), getSoftcapAttr(), getWindow()))) {
    return failure();
  }
  if (cache.getHeadDim() % 32 != 0) {
    return emitOpError("(C3) expected a head_dim that is a multiple of 32, "
                       "found ")
           << cache.getHeadDim();
  }
  if (failed(verifyPartials(*this, "C5", getPartials(), getCombine()))) {
    return failure();
  }
  if (failed(verifyRotation(*this, "C4", getBase(), getPositionScale(),
                            getTable(), cache.getHeadDim()))) {
    return failure();
  }
  return verifyHeadNorm(*this, "C6", "q_norm", getQNorm(), getQEpsilonAttr(),
                        cache.getHeadDim());
}

FailureOr<llvm::SmallVector<Value>>
RopeAttentionOp::decompose(OpBuilder &builder) {
  if (isBuffered() || getKind()) {
    return failure();
  }
  Type type = getQ().getType();
  int64_t size = getCache().getType().getHeadDim();
  IntegerAttr headDim = builder.getI64IntegerAttr(size);
  Value q = normHeads(builder, getLoc(), getQ(), getQNorm(), getQEpsilonAttr(),
                      getQUnitOffsetAttr(), size);
  q = RopeOp::create(builder, getLoc(), type, q, getPositions(), getTable(),
                     Value(), Value(), headDim, headDim, getBaseAttr(),
                     getPositionScaleAttr())
          .getResult();
  return llvm::SmallVector<Value>{
      AttentionOp::create(builder, getLoc(), type, q, getCache(),
                          getPositions(), getSlots(), Value(), Value(),
                          getQScaleAttr(), getSoftcapAttr(), getWindowAttr())
          .getResult()};
}

void RopeAttentionOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
  addPartialsEffect(getPartialsMutable(), getCombine(), effects);
  addCacheEffect<MemoryEffects::Read>(getCacheMutable(), effects);
}
