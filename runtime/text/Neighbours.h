//===- Neighbours.h - Other sequences in the same forwards ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_NEIGHBOURS_H
#define GEMMA_RUNTIME_TEXT_NEIGHBOURS_H

#include "runtime/gemma.h"

#include <cstdint>
#include <vector>

namespace gemma {

/// Sequences that share the forwards of one that is measured, to show that
/// they do not change it. Their tokens, lengths and places in a forward vary
/// from forward to forward, in the same way every time.
class Neighbours {
public:
  /// `count` sequences in slots 1 and up, of at most `context` tokens below
  /// `vocab` each; one that is full starts anew.
  Neighbours(uint32_t count, uint32_t vocab, uint32_t context)
      : vocab(vocab), context(context), tokens(count), positions(count) {}

  /// Appends the runs of one forward: one of 1 to `rows` rows for each
  /// neighbour, and between them, each time in another place, `measured`.
  /// Returns the number of rows before that one. The neighbours' tokens hold
  /// until the next call.
  size_t addRuns(const Run &measured, size_t rows, std::vector<Run> &runs);

private:
  uint32_t vocab, context;
  std::vector<std::vector<int32_t>> tokens;
  std::vector<uint32_t> positions;
  size_t step = 0;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_NEIGHBOURS_H
