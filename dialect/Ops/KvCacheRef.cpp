//===- KvCacheRef.cpp - A handle on a KV cache ----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult
KvCacheRefOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  auto cache =
      symbolTable.lookupNearestSymbolFrom<KvCacheOp>(*this, getCacheAttr());
  if (!cache) {
    return emitOpError("(C1) expected a gemma.kv_cache named ")
           << getCacheAttr();
  }
  if (cache.getType() != getResult().getType()) {
    return emitOpError("(C1) expected ")
           << cache.getType() << " for " << getCacheAttr() << ", found "
           << getResult().getType();
  }
  return success();
}
