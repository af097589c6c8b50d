//===- AttentionProducts.cpp - Queries by keys, weights by values ---------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/AttentionProducts.h"

#include "compiler/Codegen/Cpu/DotProducts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// How far ahead keys and values are asked for, in bytes: of a block of values
/// the next two columns, if a vector of channels has 16 of bf16.
static constexpr int64_t kAhead = 4096;

/// Vectors of keys or channels that a query's sums take together.
static constexpr int64_t kVectors = 2;

static int64_t getLanes(Value vector) {
  return cast<VectorType>(vector.getType()).getNumElements();
}

/// `vector` as one of another element, of as many bits in all.
static Value bitcast(ImplicitLocOpBuilder &b, Value vector, Type element) {
  auto type = cast<VectorType>(vector.getType());
  int64_t lanes = type.getNumElements() * type.getElementTypeBitWidth() /
                  element.getIntOrFloatBitWidth();
  return vector::BitCastOp::create(b, VectorType::get({lanes}, element),
                                   vector);
}

AttentionProducts::AttentionProducts(KernelBuilder &kernel, KvCacheType type,
                                     int64_t count)
    : kernel(kernel), b(kernel.b), type(type) {
  int64_t group = hasPairs() ? 2 : 1;
  queries = kernel.allocate({count, type.getHeadDim() / group});
  weights = kernel.allocate({count, kKeyBlock / group});
  masks = kernel.allocate({count, kKeyBlock / group});
  scores = kernel.allocate({count, kKeyBlock});
  factors = kernel.allocate({count});
  results = kernel.allocate({count, type.getHeadDim()});
}

void AttentionProducts::forQueries(Value count, QueryBody body) {
  Value first = kernel.index(0);
  for (int64_t block : kernel.target.queryBlocks) {
    Value rest = kernel.sub(count, first);
    Value end = kernel.sub(count, kernel.rem(rest, block));
    kernel.forRange(first, end, block,
                    [&](Value query) { body(query, block); });
    first = end;
  }
}

//===----------------------------------------------------------------------===//
// Scratch memory
//===----------------------------------------------------------------------===//

void AttentionProducts::storeQuery(Value query, Value channel, Value part) {
  if (hasPairs()) {
    Value pairs = bitcast(b, kernel.round(part), b.getF32Type());
    return kernel.store(pairs, queries, {query, kernel.div(channel, 2)});
  }
  if (isBf16()) {
    part = kernel.extend(kernel.round(part));
  }
  kernel.store(part, queries, {query, channel});
}

Value AttentionProducts::loadScores(Value query, int64_t key) {
  return kernel.load(scores, {query, kernel.index(key)}, kLanes);
}

Value AttentionProducts::storeWeights(const CacheLayout &layout, Value place,
                                      Value query, int64_t key, Value part,
                                      Value visible) {
  int64_t group = hasPairs() ? 2 : 1;
  Value at = kernel.index(key / group);
  if (visible && !layout.hasScales()) {
    Type narrow = hasPairs() ? b.getI16Type() : b.getI32Type();
    Value mask =
        arith::ExtSIOp::create(b, VectorType::get({kLanes}, narrow), visible);
    kernel.store(bitcast(b, mask, b.getF32Type()), masks, {query, at});
  }
  Value stored = part;
  if (isBf16()) {
    Value rounded = kernel.round(part);
    part = kernel.extend(rounded);
    stored = hasPairs() ? bitcast(b, rounded, b.getF32Type()) : part;
  } else if (layout.hasScales()) {
    Value scales =
        layout.loadValueScales(layout.getValueBlock(place), kernel.index(key));
    stored = kernel.mulF(part, scales);
    if (visible) {
      stored = arith::SelectOp::create(b, visible, stored,
                                       kernel.splat(0.0, kLanes));
    }
  }
  kernel.store(stored, weights, {query, at});
  return part;
}

void AttentionProducts::storeFactor(Value query, Value factor) {
  kernel.storeScalar(factor, factors, query);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The f32 numbers whose upper half is the lower (or upper) half of each word.
static Value getHalf(KernelBuilder &kernel, Value words, bool upper) {
  ImplicitLocOpBuilder &b = kernel.b;
  auto type = cast<VectorType>(words.getType());
  Value constant = arith::ConstantOp::create(
      b, DenseElementsAttr::get(type, APInt(32, upper ? 0xffff0000u : 16u)));
  Value bits = upper ? arith::AndIOp::create(b, words, constant).getResult()
                     : arith::ShLIOp::create(b, words, constant).getResult();
  return bitcast(b, bits, b.getF32Type());
}

SmallVector<Value, 2> AttentionProducts::loadWide(Value cache, Value at,
                                                  int64_t lanes) {
  if (isBf16()) {
    auto pairs = VectorType::get({2 * lanes}, b.getBF16Type());
    Value words =
        bitcast(b, vector::LoadOp::create(b, pairs, cache, at), b.getI32Type());
    return {getHalf(kernel, words, false), getHalf(kernel, words, true)};
  }
  Value part = kernel.load(cache, {at}, lanes);
  if (type.getElement().isInteger(8)) {
    part = arith::SIToFPOp::create(b, VectorType::get({lanes}, b.getF32Type()),
                                   part);
  }
  return {part};
}

Value AttentionProducts::loadWord(Value buffer, Value query, Value step,
                                  int64_t lanes) {
  SmallVector<Value, 2> indices = {query};
  if (step) {
    indices.push_back(step);
  }
  return kernel.broadcast(kernel.loadScalar(buffer, indices), lanes);
}

Value AttentionProducts::keepVisible(Value part, Value query, Value step) {
  Value mask =
      bitcast(b, loadWord(masks, query, step, getLanes(part)), b.getI32Type());
  Value bits = bitcast(b, part, b.getI32Type());
  return bitcast(b, arith::AndIOp::create(b, bits, mask), b.getF32Type());
}

SmallVector<Value> AttentionProducts::multiply(Value cache, Value at,
                                               int64_t stride, int64_t vectors,
                                               int64_t lanes, Value left,
                                               Value query, int64_t count,
                                               Value step, bool masked,
                                               ValueRange sums) {
  SmallVector<Value> next(sums);
  // No scale of what is not visible is read: its integers are finite.
  masked = masked && !type.getElement().isInteger(8);
  bool dot = hasPairs() && lanes == kLanes;
  for (int64_t v = 0; v < vectors; ++v) {
    Value place = kernel.add(at, v * stride);
    int64_t width = type.getElement().getIntOrFloatBitWidth() / 8;
    memref::PrefetchOp::create(b, cache, kernel.add(place, kAhead / width),
                               /*isWrite=*/false, /*localityHint=*/3,
                               /*isDataCache=*/true);
    SmallVector<Value, 2> parts;
    if (dot) {
      auto pairs = VectorType::get({2 * lanes}, b.getBF16Type());
      parts = {bitcast(b, vector::LoadOp::create(b, pairs, cache, place),
                       b.getF32Type())};
    } else {
      parts = loadWide(cache, place, lanes);
    }
    for (int64_t i = 0; i < count; ++i) {
      Value row = kernel.add(query, i);
      Value &sum = next[i * vectors + v];
      if (dot) {
        Value word = loadWord(left, row, step, lanes);
        Value part = masked ? keepVisible(parts[0], row, step) : parts[0];
        sum = dotPairs(kernel, sum, bitcast(b, part, b.getBF16Type()),
                       bitcast(b, word, b.getBF16Type()));
        continue;
      }
      for (auto [half, part] : llvm::enumerate(parts)) {
        Value factor, kept = part;
        if (hasPairs()) {
          // Too narrow for the instruction: the same numbers one by one.
          Value words =
              bitcast(b, loadWord(left, row, step, lanes), b.getI32Type());
          factor = getHalf(kernel, words, half == 1);
          if (masked) {
            Value mask =
                bitcast(b, loadWord(masks, row, step, lanes), b.getI32Type());
            Value bits =
                bitcast(b, getHalf(kernel, mask, half == 1), b.getI32Type());
            // All bits of a mask's upper half: spread them over the word.
            Value all = arith::ShRSIOp::create(
                b, bits,
                arith::ConstantOp::create(
                    b, DenseElementsAttr::get(cast<VectorType>(bits.getType()),
                                              APInt(32, 16))));
            kept = bitcast(
                b,
                arith::AndIOp::create(b, all, bitcast(b, part, b.getI32Type())),
                b.getF32Type());
          }
        } else {
          Value element =
              kernel.add(kernel.mul(step, static_cast<int64_t>(parts.size())),
                         static_cast<int64_t>(half));
          factor = loadWord(left, row, element, lanes);
          kept = masked ? keepVisible(part, row, element) : part;
        }
        sum = kernel.mulAdd(factor, kept, sum);
      }
    }
  }
  return next;
}

void AttentionProducts::scorePanel(const CacheLayout &layout, Value panel,
                                   int64_t firstKey, Value query,
                                   int64_t count) {
  int64_t group = layout.getGroup();
  SmallVector<Value> inits(count * kVectors, kernel.splat(0.0, kLanes));
  SmallVector<Value> sums = kernel.forRange(
      kernel.index(0), kernel.index(type.getHeadDim() / group), 1, inits,
      [&](Value step, ValueRange carried) {
        Value at = kernel.add(panel, kernel.mul(step, kKeyPanel * group));
        return multiply(layout.getKeys(), at, kLanes * group, kVectors, kLanes,
                        queries, query, count, step, /*masked=*/false, carried);
      });
  for (int64_t v = 0; v < kVectors; ++v) {
    Value scales;
    if (layout.hasScales()) {
      scales = layout.loadKeyScales(panel, kernel.index(v * kLanes));
    }
    for (int64_t i = 0; i < count; ++i) {
      Value sum = sums[i * kVectors + v];
      kernel.store(scales ? kernel.mulF(sum, scales) : sum, scores,
                   {kernel.add(query, i), kernel.index(firstKey + v * kLanes)});
    }
  }
}

void AttentionProducts::computeScores(const CacheLayout &layout, Value place,
                                      Value count) {
  for (int64_t key = 0; key < kKeyBlock; key += kKeyPanel) {
    Value panel = layout.getKeyPanel(kernel.add(place, key));
    forQueries(count, [&](Value query, int64_t together) {
      scorePanel(layout, panel, key, query, together);
    });
  }
}

void AttentionProducts::addColumns(const CacheLayout &layout, Value block,
                                   Value channel, int64_t vectors,
                                   int64_t lanes, Value query, int64_t count,
                                   bool masked) {
  int64_t group = layout.getGroup();
  SmallVector<Value> inits;
  for (int64_t i = 0; i < count; ++i) {
    Value row = kernel.add(query, i);
    Value factor = loadWord(factors, row, Value(), lanes);
    for (int64_t v = 0; v < vectors; ++v) {
      Value column = kernel.add(channel, v * kLanes);
      inits.push_back(
          kernel.mulF(kernel.load(results, {row, column}, lanes), factor));
    }
  }
  Value start = kernel.add(block, layout.getValueColumn(channel));
  SmallVector<Value> sums = kernel.forRange(
      kernel.index(0), kernel.index(kKeyBlock / group), 1, inits,
      [&](Value step, ValueRange carried) {
        Value at = kernel.add(start, kernel.mul(step, lanes * group));
        return multiply(layout.getValues(), at, kKeyBlock * kLanes, vectors,
                        lanes, weights, query, count, step, masked, carried);
      });
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t v = 0; v < vectors; ++v) {
      kernel.store(sums[i * vectors + v], results,
                   {kernel.add(query, i), kernel.add(channel, v * kLanes)});
    }
  }
}

void AttentionProducts::addValues(const CacheLayout &layout, Value place,
                                  Value count, bool masked) {
  Value block = layout.getValueBlock(place);
  int64_t headDim = type.getHeadDim();
  int64_t whole = headDim / kLanes * kLanes;
  int64_t together = whole / (kVectors * kLanes) * (kVectors * kLanes);
  kernel.forRange(kernel.index(0), kernel.index(together), kVectors * kLanes,
                  [&](Value channel) {
                    forQueries(count, [&](Value query, int64_t queries) {
                      addColumns(layout, block, channel, kVectors, kLanes,
                                 query, queries, masked);
                    });
                  });
  auto addRest = [&](int64_t first, int64_t lanes) {
    forQueries(count, [&](Value query, int64_t queries) {
      addColumns(layout, block, kernel.index(first), 1, lanes, query, queries,
                 masked);
    });
  };
  if (together < whole) {
    addRest(together, kLanes);
  }
  if (whole < headDim) {
    addRest(whole, headDim - whole);
  }
}
