//===- AttentionPlan.h - How attention is cut into items --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_DISPATCH_ATTENTIONPLAN_H
#define GEMMA_COMPILER_DISPATCH_ATTENTIONPLAN_H

#include "dialect/GemmaOps.h"

namespace mlir::gemma {

/// How gemma.attention and gemma.rope_attention cut their work. A row walks its
/// keys in pieces of `pieceKeys` keys at multiples of that number, each with a
/// softmax of its own, and the pieces are put together in ascending order,
/// whatever item computes them: so a row has the same bits in every forward.
///
/// Items are numbered (row, key head, piece). A forward of at most
/// `partialRows` rows computes each piece in an item, into partials, and a
/// second step puts them together. With more rows the item of piece 0 walks all
/// pieces.
///
/// Items of neighbouring rows of one slot, in a block of rows, are done by that
/// of the first row, which reads keys and values for all of them.
struct AttentionPlan {
  explicit AttentionPlan(AttentionOp op);
  explicit AttentionPlan(RopeAttentionOp op);

  /// Whether the op has partials; without them items are (row, key head), and
  /// each walks all pieces.
  bool hasPartials;
  /// Key heads, and query heads for each.
  int64_t heads;
  int64_t group;
  int64_t headDim;
  /// Keys of a piece, a multiple of 64, and pieces that a context can have.
  int64_t pieceKeys;
  int64_t pieces;
  /// Most rows of a forward that uses partials.
  int64_t partialRows;
  /// Rows that an item takes at most, without and with partials.
  int64_t blockRows;
  int64_t partialBlockRows;

  /// Columns of a partial result: head_dim sums, then the largest score and the
  /// sum of the weights, filled up to whole vectors.
  int64_t getPartialColumns() const;
  /// The buffer of partials, [partialRows][heads][pieces][group] partial
  /// results one after the other. Its shape is that of all buffers of a forward
  /// of at most `maxRows` rows, [maxRows][...].
  MemRefType getPartialsType(MLIRContext *context, int64_t maxRows) const;

private:
  template <typename Op> void initialize(Op op);
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_DISPATCH_ATTENTIONPLAN_H
