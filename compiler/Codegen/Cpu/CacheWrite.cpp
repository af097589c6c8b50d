//===- CacheWrite.cpp - Code for gemma.cache_write -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

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
  int64_t heads = op.getCache().getType().getHeads();
  int64_t headDim = op.getCache().getType().getHeadDim();

  auto writeHead = [&](Value row, Value slot, Value place, Value head) {
    // First element of the slot's head, in keys and in values.
    Value block = kernel.mul(
        kernel.mul(kernel.add(kernel.mul(slot, heads), head), cache.capacity),
        headDim);
    Value size = kernel.add(block, kernel.mul(cache.capacity, headDim));
    Value keys = kernel.viewCache(cache.keys, size);
    Value values = kernel.viewCache(cache.values, size);
    Value column = kernel.mul(head, headDim);

    // A key is one lane of its tile, a value a row.
    Value lane = kernel.rem(place, kKeyTile);
    Value tile =
        kernel.add(block, kernel.mul(kernel.sub(place, lane), headDim));
    kernel.forRange(
        kernel.index(0), kernel.index(headDim), 1, [&](Value channel) {
          Value key = kernel.loadScalar(k, {row, kernel.add(column, channel)});
          Value target =
              kernel.add(kernel.add(tile, kernel.mul(channel, kKeyTile)), lane);
          kernel.storeScalar(key, keys, {target});
        });
    Value target = kernel.add(block, kernel.mul(place, headDim));
    kernel.forColumns(headDim, [&](Value channel, int64_t lanes) {
      Value part = kernel.load(v, {row, kernel.add(column, channel)}, lanes);
      kernel.store(part, values, {kernel.add(target, channel)});
    });
  };
  kernel.forItems([&](Value row) {
    Value slot = kernel.loadIndex(slots, row);
    Value place = kernel.rem(kernel.loadIndex(positions, row), cache.capacity);
    kernel.forRange(kernel.index(0), kernel.index(heads), 1,
                    [&](Value head) { writeHead(row, slot, place, head); });
  });
  return success();
}
