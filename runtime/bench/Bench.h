//===- Bench.h - Times prefill and decode of a model ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_BENCH_H
#define GEMMA_RUNTIME_BENCH_BENCH_H

#include "runtime/bench/Report.h"
#include "runtime/gemma.h"

#include <cstdint>
#include <vector>

namespace gemma {

/// What to time.
struct BenchOptions {
  /// Tokens of a prefill and of a decode; 0 = leave it out.
  uint32_t prompt = 512, generate = 128;
  /// Tokens that the KV cache holds before; filling it is not timed.
  uint32_t depth = 0;
  uint32_t repetitions = 5;
  /// Also forwards of so many rows of one sequence, against one row.
  std::vector<uint32_t> rows;
  /// threads, context, pin, profile and cancel; the rest is set as needed.
  SessionOptions session;
  /// Record one prefill chunk and one decode token.
  bool trace = false;
  /// Show a progress bar, if stderr is a terminal.
  bool progress = false;
};

/// Runs every test once per repetition, in turns, and the probe of the limits
/// before each and after the last; a share is that of the mean of the two
/// probes around the run. Token ids are pseudo-random, the same every time.
/// Errors: InvalidUsage (an option out of range, nothing to time), Resource,
/// Interrupted.
Result<BenchReport> runBench(const Model &model, const BenchOptions &options);

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_BENCH_H
