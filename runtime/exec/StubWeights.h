//===- StubWeights.h - Weights of an artifact without weights ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_EXEC_STUBWEIGHTS_H
#define GEMMA_RUNTIME_EXEC_STUBWEIGHTS_H

#include "runtime/artifact/Encoding.h"
#include "runtime/artifact/Reader.h"
#include "runtime/core/CancelFlag.h"
#include "runtime/core/Mapping.h"
#include "runtime/core/Progress.h"
#include "runtime/core/RandomWeights.h"
#include "runtime/core/Threads.h"

namespace gemma {

/// A piece of an encoded weight: in a panel layout, columns [begin, end) of
/// the rows [16 * row, 16 * row + 16); in F32Rows, columns [begin, end) of one
/// row.
struct WeightPiece {
  uint64_t row = 0;
  uint64_t begin = 0, end = 0;
};

/// Writes a piece of a weight of `rows` rows (a vector has one) and returns its
/// size in bytes. `begin` is a multiple of 16, of 64 in quantised layouts;
/// `out` has room for 64 bytes per column and 1088 more. q4_0 is by ggml's
/// rule, as in an artifact of random weights: a stub's weights are made at
/// every load, where a search for scales would take longer than the rest, and
/// for uniform values hardly gains.
uint64_t fillPiece(const RandomWeights &values, WeightLayout layout,
                   uint64_t rows, const WeightPiece &piece, unsigned char *out);

/// Fills the weights of a stub artifact that have a fill into an unlinked file
/// and maps it: like real weights, since anonymous memory could use huge
/// pages that file mappings cannot. Errors: Resource (no space), Interrupted
/// (when `cancel`, which may be null, was requested).
Result<Mapping> fillStubWeights(const artifact::Manifest &manifest,
                                ThreadPool &pool, Progress &progress,
                                const CancelFlag *cancel);

} // namespace gemma

#endif // GEMMA_RUNTIME_EXEC_STUBWEIGHTS_H
