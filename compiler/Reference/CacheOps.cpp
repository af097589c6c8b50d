//===- CacheOps.cpp - Ops over KV caches of the interpreter ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Matmul.h"
#include "compiler/Reference/PackedRows.h"
#include "compiler/Reference/Rotation.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

/// The keys or values of one row as the cache holds them.
static std::vector<double> roundToCache(llvm::ArrayRef<double> row,
                                        KvCacheType cache) {
  std::vector<double> values(row.begin(), row.end());
  for (int64_t head = 0; head < cache.getHeads(); ++head) {
    auto part = llvm::MutableArrayRef(values).slice(head * cache.getHeadDim(),
                                                    cache.getHeadDim());
    // Integers share a scale per head.
    bool isInteger = cache.getElement().isInteger(8);
    float scale = isInteger ? getScale(part) : 1;
    for (double &value : part) {
      value = isInteger ? roundToScale(value, scale)
                        : roundToElement(value, cache.getElement());
    }
  }
  return values;
}

template <typename Op>
LogicalResult mlir::gemma::reference::writeCache(Op op, Frame &frame,
                                                 RowAccess &access,
                                                 llvm::ArrayRef<double> k,
                                                 llvm::ArrayRef<double> v) {
  const CacheHandle &cache = frame.getCache(op.getCache());
  if (!cache.writable) {
    return op.emitOpError("writes a KV cache that its dispatch only reads");
  }
  auto positions = access.readInts(op.getPositions());
  auto slots = access.readInts(op.getSlots());
  if (failed(positions) || failed(slots)) {
    return failure();
  }
  KvCacheType type = op.getCache().getType();
  int64_t columns = type.getHeads() * type.getHeadDim();
  for (int64_t m = 0; m < access.getRows(); ++m) {
    (*cache.rows)[{(*slots)[m], (*positions)[m]}] = {
        roundToCache(k.slice(m * columns, columns), type),
        roundToCache(v.slice(m * columns, columns), type)};
  }
  return success();
}

template LogicalResult
mlir::gemma::reference::writeCache(NormQkvOp, Frame &, RowAccess &,
                                   llvm::ArrayRef<double>,
                                   llvm::ArrayRef<double>);

LogicalResult mlir::gemma::reference::runCacheOp(CacheWriteOp op, Frame &frame,
                                                 RowAccess &access) {
  auto k = access.read(op.getK());
  auto v = access.read(op.getV());
  if (failed(k) || failed(v)) {
    return failure();
  }
  return writeCache(op, frame, access, *k, *v);
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

/// The scratch memory of a context in pieces: which op writes it, and which
/// reads it. Numbers are complete after either.
template <typename Op> static LogicalResult touchPartials(Op op, Frame &frame) {
  if (!op.getPartials()) {
    return success();
  }
  FailureOr<View> partials = frame.getView(op, op.getPartials());
  if (failed(partials)) {
    return failure();
  }
  if (op.getCombine()) {
    return success(succeeded(partials->read(op)));
  }
  if (failed(partials->claim(op))) {
    return failure();
  }
  partials->write(std::vector<double>(partials->getNumElements()));
  return success();
}

/// Attention of the queries `q`; both ops that attend have the same names.
template <typename Op>
static LogicalResult attendRows(Op op, Frame &frame, RowAccess &access,
                                llvm::ArrayRef<double> q,
                                std::optional<EncodingKind> kind) {
  const CacheHandle &cache = frame.getCache(op.getCache());
  auto positions = access.readInts(op.getPositions());
  auto slots = access.readInts(op.getSlots());
  if (failed(positions) || failed(slots) || failed(touchPartials(op, frame))) {
    return failure();
  }
  KvCacheType type = op.getCache().getType();
  int64_t headDim = type.getHeadDim();
  int64_t columns = getColumns(op.getQ().getType());
  // Query heads that share one head of keys and values.
  int64_t group = columns / headDim / type.getHeads();
  auto window = static_cast<int64_t>(op.getWindow());
  double softcap = op.getSoftcap() ? op.getSoftcap()->convertToDouble() : 0.0;
  std::vector<double> out(q.size());
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
      int64_t first = m * columns + head * headDim;
      Query query{q.data() + first, headDim, op.getQScale().convertToDouble(),
                  softcap};
      attend(query, keys, head / group * headDim, out.data() + first);
    }
  }
  access.writeRows(out, columns, kind);
  return success();
}

LogicalResult mlir::gemma::reference::runCacheOp(AttentionOp op, Frame &frame,
                                                 RowAccess &access) {
  auto q = access.read(op.getQ());
  if (failed(q)) {
    return failure();
  }
  return attendRows(op, frame, access, *q, std::nullopt);
}

LogicalResult mlir::gemma::reference::runCacheOp(RopeAttentionOp op,
                                                 Frame &frame,
                                                 RowAccess &access) {
  auto q = access.read(op.getQ());
  auto positions = access.readInts(op.getPositions());
  if (failed(q) || failed(positions)) {
    return failure();
  }
  if (auto epsilon = op.getQEpsilon();
      epsilon && failed(normGroups(access, op.getQNorm(), op.getQUnitOffset(),
                                   epsilon->convertToDouble(),
                                   op.getCache().getType().getHeadDim(), *q))) {
    return failure();
  }
  if (failed(rotate(op, access, Rotation::ofCache(op), *positions,
                    getColumns(op.getQ().getType()), *q))) {
    return failure();
  }
  return attendRows(op, frame, access, *q, op.getKind());
}
