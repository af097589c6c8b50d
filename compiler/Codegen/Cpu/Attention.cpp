//===- Attention.cpp - Code for gemma.attention -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An item is one row and one key head with the query heads that share it. It
// walks tiles of 16 keys at absolute positions, ascending, with an online
// softmax (Milakov and Gimelshein, arXiv 1805.02867), so that the result does
// not depend on how rows came into a forward.
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// Below every score, finite so that differences of two of them are numbers.
static constexpr double kNoScore = -1.0e30;

namespace {

class AttentionKernel {
public:
  AttentionKernel(AttentionOp op, KernelBuilder &kernel);
  void emit();

private:
  void emitItem(Value row, Value head);
  void emitTile(Value tile);
  /// Scores of the tile's keys for query heads [first, first + count) of the
  /// group, side by side to hide latency.
  SmallVector<Value> emitScores(Value first, int64_t count, Value tileStart);
  /// Folds one query head's scores into its running maximum and sum, leaves
  /// the keys' weights in `weights`; returns the factor for older results.
  Value emitSoftmax(Value query, Value scores, Value visible);
  /// result * factor + the tile's values by their weights.
  void addValues(Value query, Value factor, Value tileStart, Value firstKey,
                 Value endKey);
  void storeResults();
  /// First column of a query head of the group.
  Value getColumn(Value query) {
    return kernel.mul(kernel.add(kernel.mul(head, group), query), headDim);
  }

  AttentionOp op;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  int64_t headDim;
  int64_t heads;
  /// Query heads that share a key head.
  int64_t group;
  Value q;
  Value out;
  KernelCache cache;
  // Scratch of one item: [group, head_dim], and per query head the maximum
  // and the sum so far, and the weights of a tile's keys.
  Value results;
  Value maxima;
  Value sums;
  Value weights;
  // The item at hand.
  Value row;
  Value head;
  Value position;
  Value firstPosition;
  Value keys;
  Value values;
  Value block;
};

} // namespace

AttentionKernel::AttentionKernel(AttentionOp op, KernelBuilder &kernel)
    : op(op), kernel(kernel), b(kernel.b) {
  KvCacheType type = op.getCache().getType();
  headDim = type.getHeadDim();
  heads = type.getHeads();
  group = op.getOut().getType().getDimSize(1) / (headDim * heads);
  q = kernel.getBuffer(op.getQ());
  out = kernel.getBuffer(op.getOut());
  cache = kernel.getCache(op.getCache());
  results = kernel.allocate({group, headDim});
  maxima = kernel.allocate({group});
  sums = kernel.allocate({group});
  weights = kernel.allocate({kKeyTile});
}

void AttentionKernel::emit() {
  Grid grid = getGrid(op, kernel.target);
  kernel.forRowTiles(grid, [&](Value itemRow, Value itemHead) {
    emitItem(itemRow, itemHead);
  });
}

void AttentionKernel::emitItem(Value itemRow, Value itemHead) {
  row = itemRow;
  head = itemHead;
  position = kernel.loadIndex(kernel.getBuffer(op.getPositions()), row);
  Value slot = kernel.loadIndex(kernel.getBuffer(op.getSlots()), row);
  firstPosition = kernel.index(0);
  if (op.getWindow() > 0) {
    Value start = kernel.add(position, 1 - op.getWindow());
    firstPosition = kernel.max(start, firstPosition);
  }
  Value room = kernel.mul(cache.capacity, headDim);
  block = kernel.mul(kernel.add(kernel.mul(slot, heads), head), room);
  keys = kernel.viewCache(cache.keys, kernel.add(block, room));
  values = kernel.viewCache(cache.values, kernel.add(block, room));

  kernel.forRange(kernel.index(0), kernel.index(group), 1, [&](Value query) {
    kernel.storeScalar(kernel.f32(kNoScore), maxima, query);
    kernel.storeScalar(kernel.f32(0.0), sums, query);
    kernel.forColumns(headDim, [&](Value channel, int64_t lanes) {
      kernel.store(kernel.splat(0.0, lanes), results, {query, channel});
    });
  });
  kernel.forRange(kernel.div(firstPosition, kKeyTile),
                  kernel.add(kernel.div(position, kKeyTile), 1), 1,
                  [&](Value tile) { emitTile(tile); });
  storeResults();
}

void AttentionKernel::emitTile(Value tile) {
  // Keys of the tile that the row sees: [firstKey, endKey) of 16.
  Value start = kernel.mul(tile, kKeyTile);
  Value firstKey =
      kernel.max(kernel.sub(firstPosition, start), kernel.index(0));
  Value endKey = kernel.min(kernel.add(kernel.sub(position, start), 1),
                            kernel.index(kKeyTile));
  Value visible = arith::XOrIOp::create(
      b,
      vector::CreateMaskOp::create(
          b, VectorType::get({kKeyTile}, b.getI1Type()), endKey),
      vector::CreateMaskOp::create(
          b, VectorType::get({kKeyTile}, b.getI1Type()), firstKey));
  // A tile of keys and a tile of values take the same room.
  Value place = kernel.rem(start, cache.capacity);
  Value tileStart = kernel.add(block, kernel.mul(place, headDim));

  // The largest divisor of the group that leaves registers for one key.
  int64_t together = 1;
  for (int64_t count : {4, 3, 2}) {
    if (group % count == 0) {
      together = count;
      break;
    }
  }
  kernel.forRange(
      kernel.index(0), kernel.index(group), together, [&](Value first) {
        SmallVector<Value> scores = emitScores(first, together, tileStart);
        for (auto [i, score] : llvm::enumerate(scores)) {
          Value query = kernel.add(first, static_cast<int64_t>(i));
          Value factor = emitSoftmax(query, score, visible);
          addValues(query, factor, tileStart, firstKey, endKey);
        }
      });
}

SmallVector<Value> AttentionKernel::emitScores(Value first, int64_t count,
                                               Value tileStart) {
  SmallVector<Value> inits(count, kernel.splat(0.0, kKeyTile));
  return kernel.forRange(
      kernel.index(0), kernel.index(headDim), 1, inits,
      [&](Value channel, ValueRange carried) {
        Value at = kernel.add(tileStart, kernel.mul(channel, kKeyTile));
        Value key = kernel.load(keys, {at}, kKeyTile);
        SmallVector<Value> next;
        for (int64_t i = 0; i < count; ++i) {
          Value column = kernel.add(getColumn(kernel.add(first, i)), channel);
          Value query = kernel.loadScalar(q, {row, column});
          next.push_back(kernel.mulAdd(kernel.broadcast(query, kKeyTile), key,
                                       carried[i]));
        }
        return next;
      });
}

Value AttentionKernel::emitSoftmax(Value query, Value scores, Value visible) {
  scores = kernel.mulF(
      scores, kernel.splat(op.getQScaleAttr().getValueAsDouble(), kKeyTile));
  if (FloatAttr cap = op.getSoftcapAttr()) {
    double limit = cap.getValueAsDouble();
    Value scaled = kernel.mulF(scores, kernel.splat(1.0 / limit, kKeyTile));
    scores = kernel.mulF(math::TanhOp::create(b, scaled),
                         kernel.splat(limit, kKeyTile));
  }
  scores = arith::SelectOp::create(b, visible, scores,
                                   kernel.splat(kNoScore, kKeyTile));
  Value before = kernel.loadScalar(maxima, query);
  Value maximum = kernel.maxF(before, kernel.maxLanes(scores));
  Value distances = kernel.subF(scores, kernel.broadcast(maximum, kKeyTile));
  Value parts =
      arith::SelectOp::create(b, visible, math::ExpOp::create(b, distances),
                              kernel.splat(0.0, kKeyTile));
  Value factor = math::ExpOp::create(b, kernel.subF(before, maximum));
  Value sum = kernel.addF(kernel.mulF(kernel.loadScalar(sums, query), factor),
                          kernel.sumLanes(parts));
  kernel.storeScalar(maximum, maxima, query);
  kernel.storeScalar(sum, sums, query);
  kernel.store(parts, weights, {kernel.index(0)});
  return factor;
}

void AttentionKernel::addValues(Value query, Value factor, Value tileStart,
                                Value firstKey, Value endKey) {
  kernel.forColumns(headDim, [&](Value channel, int64_t lanes) {
    Value result = kernel.mulF(kernel.load(results, {query, channel}, lanes),
                               kernel.broadcast(factor, lanes));
    // Keys that the row does not see are skipped, not multiplied by zero:
    // their values can be anything.
    SmallVector<Value> sum = kernel.forRange(
        firstKey, endKey, 1, ValueRange{result},
        [&](Value key, ValueRange carried) -> SmallVector<Value> {
          Value at = kernel.add(kernel.add(tileStart, kernel.mul(key, headDim)),
                                channel);
          Value weight = kernel.loadScalar(weights, {key});
          return {kernel.mulAdd(kernel.broadcast(weight, lanes),
                                kernel.load(values, {at}, lanes),
                                carried.front())};
        });
    kernel.store(sum.front(), results, {query, channel});
  });
}

void AttentionKernel::storeResults() {
  kernel.forRange(kernel.index(0), kernel.index(group), 1, [&](Value query) {
    Value share = kernel.divF(kernel.f32(1.0), kernel.loadScalar(sums, query));
    Value column = getColumn(query);
    kernel.forColumns(headDim, [&](Value channel, int64_t lanes) {
      Value result = kernel.load(results, {query, channel}, lanes);
      kernel.store(kernel.mulF(result, kernel.broadcast(share, lanes)), out,
                   {row, kernel.add(column, channel)});
    });
  });
}

LogicalResult mlir::gemma::lowerAttention(AttentionOp op,
                                          KernelBuilder &kernel) {
  AttentionKernel(op, kernel).emit();
  return success();
}
