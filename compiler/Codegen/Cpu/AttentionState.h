//===- AttentionState.h - Pieces of attention put together ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONSTATE_H
#define GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONSTATE_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"

namespace mlir::gemma {

/// Below every score, finite so that differences of two of them are numbers.
inline constexpr double kNoScore = -1.0e30;

/// A softmax over keys of which pieces come one after the other: for every
/// query the largest score m, the sum s of the weights exp(score - m), and the
/// sum of the values by their weights. A further piece (m', s', r') gives
///
///   M = max(m, m'), f = exp(m - M), f' = exp(m' - M),
///   (M, s f + s' f', r f + r' f').
class AttentionState {
public:
  /// Allocates for at most `queries` queries.
  AttentionState(KernelBuilder &kernel, int64_t queries, int64_t headDim);

  /// Forgets all pieces of a query.
  void clear(Value query);
  using Load = llvm::function_ref<Value(Value channel, int64_t lanes)>;
  /// Adds a piece: its largest score, sum of weights, and sum of values.
  void add(Value query, Value maximum, Value sum, Load load);
  /// What `getResult` multiplies by: 1 / the sum of all weights.
  Value getShare(Value query);
  /// Channels of the result, the mean of the values by their weights. Zeros are
  /// positive.
  Value getResult(Value query, Value share, Value channel, int64_t lanes);

private:
  KernelBuilder &kernel;
  int64_t headDim;
  // [queries], and [queries][head_dim].
  Value maxima;
  Value sums;
  Value results;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONSTATE_H
