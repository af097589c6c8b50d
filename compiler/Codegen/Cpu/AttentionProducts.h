//===- AttentionProducts.h - Queries by keys, weights by values -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONPRODUCTS_H
#define GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONPRODUCTS_H

#include "compiler/Codegen/Cpu/CacheLayout.h"

namespace mlir::gemma {

/// The two products of attention over one block of 64 keys, for some queries
/// that share a key head, and the memory between them. Every sum is one
/// ascending chain, over channels or over keys, whatever queries are beside it.
///
/// With bf16 keys and values, queries and weights are rounded to bf16 as well:
/// vdpbf16ps takes pairs of channels or keys where the target has it, elsewhere
/// both halves of a pair become f32, whose products are exact. With i8 the
/// stored integers become f32; a key's scale multiplies its score, a value's
/// scale its weight.
class AttentionProducts {
public:
  /// Allocates for at most `queries` queries.
  AttentionProducts(KernelBuilder &kernel, KvCacheType type, int64_t queries);

  /// Sets the channels from `channel` on of a query, f32 and scaled.
  void storeQuery(Value query, Value channel, Value part);
  /// The scores of queries [0, count) by the 64 keys from `place` on.
  void computeScores(const CacheLayout &layout, Value place, Value count);
  /// Scores of 16 of the 64 keys, from `key` on.
  Value loadScores(Value query, int64_t key);
  /// Sets the weights of 16 of the 64 keys. Those that are not `visible` (null:
  /// all are) must be 0. Returns the weights as they are summed.
  Value storeWeights(const CacheLayout &layout, Value place, Value query,
                     int64_t key, Value part, Value visible);
  /// The factor that a query's results are multiplied by before values are
  /// added to them.
  void storeFactor(Value query, Value factor);
  /// results = results * factor + the 64 values from `place` on by their
  /// weights. If `masked`, values that are not visible are taken for 0: they
  /// can be anything.
  void addValues(const CacheLayout &layout, Value place, Value count,
                 bool masked);

  /// [queries][head_dim].
  Value getResults() const { return results; }

private:
  using QueryBody = llvm::function_ref<void(Value first, int64_t count)>;
  /// Queries [0, count) in blocks of as many as there are registers for.
  void forQueries(Value count, QueryBody body);
  void scorePanel(const CacheLayout &layout, Value panel, int64_t firstKey,
                  Value query, int64_t count);
  void addColumns(const CacheLayout &layout, Value block, Value channel,
                  int64_t vectors, int64_t lanes, Value query, int64_t count,
                  bool masked);
  /// One step of `sums` (count * vectors of them): cache elements at `at`, a
  /// vector every `stride` elements, by element `step` of the left operand.
  SmallVector<Value> multiply(Value cache, Value at, int64_t stride,
                              int64_t vectors, int64_t lanes, Value left,
                              Value query, int64_t count, Value step,
                              bool masked, ValueRange sums);
  /// `lanes` vectors of group elements, each as f32: one, or two for bf16.
  SmallVector<Value, 2> loadWide(Value cache, Value at, int64_t lanes);
  /// Word `step` of a query's row in scratch memory as a vector.
  Value loadWord(Value buffer, Value query, Value step, int64_t lanes);
  Value keepVisible(Value part, Value query, Value step);

  bool isBf16() const { return type.getElement().isBF16(); }
  /// Whether scratch memory holds pairs of bf16.
  bool hasPairs() const { return isBf16() && kernel.target.hasBf16Dot; }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  KvCacheType type;
  // Of f32 words, which may be pairs of bf16: [queries][head_dim or half of
  // it], [queries][64 or 32] twice.
  Value queries;
  Value weights;
  Value masks;
  // [queries][64], [queries] and [queries][head_dim].
  Value scores;
  Value factors;
  Value results;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONPRODUCTS_H
