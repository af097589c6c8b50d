//===- CacheWrite.cpp - Code for gemma.cache_write -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/CacheLayout.h"
#include "compiler/Codegen/Cpu/Lowerings.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerCacheWrite(CacheWriteOp op,
                                           KernelBuilder &kernel) {
  Value k = kernel.getBuffer(op.getK());
  Value v = kernel.getBuffer(op.getV());
  Value positions = kernel.getBuffer(op.getPositions());
  Value slots = kernel.getBuffer(op.getSlots());
  KernelCache cache = kernel.getCache(op.getCache());
  KvCacheType type = op.getCache().getType();
  if (failed(verifyCacheLayout(op, type))) {
    return failure();
  }
  auto writeHead = [&](Value row, Value slot, Value place, Value head) {
    CacheLayout layout(kernel, cache, type, slot, head);
    Value column = kernel.mul(head, type.getHeadDim());
    layout.storeKey(place, [&](Value channel, int64_t lanes) {
      return kernel.load(k, {row, kernel.add(column, channel)}, lanes);
    });
    layout.storeValue(place, [&](Value channel, int64_t lanes) {
      return kernel.load(v, {row, kernel.add(column, channel)}, lanes);
    });
  };
  kernel.forItems([&](Value row) {
    Value slot = kernel.loadIndex(slots, row);
    Value place = kernel.rem(kernel.loadIndex(positions, row), cache.capacity);
    kernel.forRange(kernel.index(0), kernel.index(type.getHeads()), 1,
                    [&](Value head) { writeHead(row, slot, place, head); });
  });
  return success();
}
