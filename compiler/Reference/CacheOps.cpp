//===- CacheOps.cpp - Ops over KV caches of the interpreter ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/RowAccess.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

LogicalResult mlir::gemma::reference::runCacheWrite(CacheWriteOp op,
                                                    Frame &frame,
                                                    RowAccess &access) {
  const CacheHandle &cache = frame.getCache(op.getCache());
  if (!cache.writable) {
    return op.emitOpError("writes a KV cache that its dispatch only reads");
  }
  auto k = access.read(op.getK());
  auto v = access.read(op.getV());
  auto positions = access.readInts(op.getPositions());
  auto slots = access.readInts(op.getSlots());
  if (failed(k) || failed(v) || failed(positions) || failed(slots)) {
    return failure();
  }
  KvCacheType type = op.getCache().getType();
  int64_t columns = type.getHeads() * type.getHeadDim();
  auto take = [&](const std::vector<double> &rows, int64_t m) {
    std::vector<double> row(rows.begin() + m * columns,
                            rows.begin() + (m + 1) * columns);
    for (double &value : row) {
      value = roundToElement(value, type.getElement());
    }
    return row;
  };
  for (int64_t m = 0; m < access.getRows(); ++m) {
    (*cache.rows)[{(*slots)[m], (*positions)[m]}] = {take(*k, m), take(*v, m)};
  }
  return success();
}

namespace {

/// One query head of one row.
struct Query {
  const double *q;
  int64_t headDim;
  double scale;
  double softcap; ///< 0 if none
};

} // namespace

/// Attention of one query over `keys`, of which it takes the head at `first`.
static void attend(const Query &query, llvm::ArrayRef<const CacheRow *> keys,
                   int64_t first, double *out) {
  std::vector<double> scores;
  for (const CacheRow *row : keys) {
    double sum = 0;
    for (int64_t i = 0; i < query.headDim; ++i) {
      sum += query.q[i] * row->key[first + i];
    }
    sum *= query.scale;
    if (query.softcap != 0) {
      sum = query.softcap * std::tanh(sum / query.softcap);
    }
    scores.push_back(sum);
  }
  double highest = *std::max_element(scores.begin(), scores.end());
  double total = 0;
  for (double &score : scores) {
    score = std::exp(score - highest);
    total += score;
  }
  std::fill_n(out, query.headDim, 0.0);
  for (auto [score, row] : llvm::zip(scores, keys)) {
    for (int64_t i = 0; i < query.headDim; ++i) {
      out[i] += score / total * row->value[first + i];
    }
  }
}

LogicalResult mlir::gemma::reference::runAttention(AttentionOp op, Frame &frame,
                                                   RowAccess &access) {
  const CacheHandle &cache = frame.getCache(op.getCache());
  auto q = access.read(op.getQ());
  auto positions = access.readInts(op.getPositions());
  auto slots = access.readInts(op.getSlots());
  if (failed(q) || failed(positions) || failed(slots)) {
    return failure();
  }
  KvCacheType type = op.getCache().getType();
  int64_t headDim = type.getHeadDim();
  int64_t columns = llvm::cast<ShapedType>(op.getQ().getType()).getDimSize(1);
  // Query heads that share one head of keys and values.
  int64_t group = columns / headDim / type.getHeads();
  auto window = static_cast<int64_t>(op.getWindow());
  double softcap = op.getSoftcap() ? op.getSoftcap()->convertToDouble() : 0.0;
  std::vector<double> out(columns);
  for (int64_t m = 0; m < access.getRows(); ++m) {
    int64_t position = (*positions)[m];
    int64_t first =
        window == 0 ? 0 : std::max<int64_t>(0, position - window + 1);
    llvm::SmallVector<const CacheRow *> keys;
    for (int64_t j = first; j <= position; ++j) {
      auto found = cache.rows->find({(*slots)[m], j});
      if (found == cache.rows->end()) {
        return op.emitOpError("reads position ")
               << j << " of slot " << (*slots)[m] << ", which nothing wrote";
      }
      keys.push_back(&found->second);
    }
    if (keys.empty()) {
      return op.emitOpError("expected positions of 0 or more, found ")
             << position;
    }
    for (int64_t head = 0; head < columns / headDim; ++head) {
      Query query{q->data() + m * columns + head * headDim, headDim,
                  op.getQScale().convertToDouble(), softcap};
      attend(query, keys, head / group * headDim, out.data() + head * headDim);
    }
    access.writeRow(m, out);
  }
  return success();
}
