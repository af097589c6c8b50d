//===- CacheWrite.cpp - Store keys and values of all rows -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult CacheWriteOp::verify() {
  KvCacheType cache = getCache().getType();
  int64_t columns = cache.getHeads() * cache.getHeadDim();
  for (Value rows : {getK(), getV()}) {
    if (!getElementTypeOrSelf(rows).isF32() ||
        getColumns(rows.getType()) != columns) {
      return emitOpError("(C1) expected f32 rows of ")
             << columns << " columns, found " << rows.getType();
    }
  }
  return success();
}

void CacheWriteOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
  addCacheEffect<MemoryEffects::Write>(getCacheMutable(), effects);
}
