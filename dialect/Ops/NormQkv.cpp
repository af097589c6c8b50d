//===- NormQkv.cpp - gemma.norm_qkv -*- C++ -*-===//
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

LogicalResult NormQkvOp::verify() {
  if (failed(verifyNorm(*this, getX(), getNormWeight(), getPacked(), getWq(),
                        getEpsilon()))) {
    return failure();
  }
  KvCacheType cache = getCache().getType();
  int64_t depth = getColumns(getX().getType());
  int64_t columns = getColumns(getGivenRows(*this));
  int64_t kvColumns = cache.getHeads() * cache.getHeadDim();
  if (failed(
          verifyMatrix(*this, "C1", "wq", getWq().getType(), columns, depth)) ||
      failed(verifyMatrix(*this, "C1", "wk", getWk().getType(), kvColumns,
                          depth)) ||
      failed(verifyMatrix(*this, "C1", "wv", getWv().getType(), kvColumns,
                          depth)) ||
      failed(verifyF32Rows(*this, "C2", "the result", getGivenRows(*this),
                           columns))) {
    return failure();
  }
  if (!haveSameForm(getWq().getType(), getWk().getType()) ||
      !haveSameForm(getWq().getType(), getWv().getType())) {
    return emitOpError("(C5) expected weights of one form, found ")
           << getWq().getType() << ", " << getWk().getType() << " and "
           << getWv().getType();
  }
  if (cache.getHeadDim() % 32 != 0) {
    return emitOpError("(C6) expected a head_dim that is a multiple of 32, "
                       "found ")
           << cache.getHeadDim();
  }
  if (failed(verifyRotation(*this, "C7", getBase(), getPositionScale(),
                            getTable(), cache.getHeadDim()))) {
    return failure();
  }
  return verifyHeadNorm(*this, "C8", "k_norm", getKNorm(), getKEpsilonAttr(),
                        cache.getHeadDim());
}

FailureOr<llvm::SmallVector<Value>> NormQkvOp::decompose(OpBuilder &builder) {
  if (isBuffered() || getPacked()) {
    return failure();
  }
  Location loc = getLoc();
  KvCacheType cache = getCache().getType();
  auto rows = llvm::cast<RankedTensorType>(getX().getType());
  Type kvRows =
      rows.clone({rows.getDimSize(0), cache.getHeads() * cache.getHeadDim()});
  Value y = RmsNormOp::create(builder, loc, rows, getX(), getNormWeight(),
                              Value(), Value(), getEpsilonAttr(),
                              getUnitOffsetAttr(), IntegerAttr())
                .getResult();
  auto linear = [&](Type type, Value weight) {
    return LinearOp::create(builder, loc, type, y, weight, Value(), Value())
        .getResult();
  };
  Value q = linear(getResult().getType(), getWq());
  Value k = linear(kvRows, getWk());
  Value v = linear(kvRows, getWv());
  IntegerAttr headDim = builder.getI64IntegerAttr(cache.getHeadDim());
  k = normHeads(builder, loc, k, getKNorm(), getKEpsilonAttr(),
                getKUnitOffsetAttr(), cache.getHeadDim());
  k = RopeOp::create(builder, loc, kvRows, k, getPositions(), getTable(),
                     Value(), Value(), headDim, headDim, getBaseAttr(),
                     getPositionScaleAttr())
          .getResult();
  CacheWriteOp::create(builder, loc, k, v, getCache(), getPositions(),
                       getSlots(), Value());
  return llvm::SmallVector<Value>{q};
}

void NormQkvOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
  addCacheEffect<MemoryEffects::Write>(getCacheMutable(), effects);
}
