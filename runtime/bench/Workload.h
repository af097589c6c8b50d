//===- Workload.h - One test of a benchmark ------------------- -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_WORKLOAD_H
#define GEMMA_RUNTIME_BENCH_WORKLOAD_H

#include "runtime/bench/Cost.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gemma {

enum class WorkloadKind {
  Prefill, ///< tokens in forwards of max_rows, logits of the last one
  Decode,  ///< tokens one after the other, logits of each
  Rows,    ///< kRowForwards times the same rows at once, logits of each
};

/// Forwards of one row and of several take turns this often in a repetition of
/// WorkloadKind::Rows.
constexpr uint32_t kRowForwards = 16;

/// One test: what it does, and what was measured, repetition by repetition.
struct Workload {
  WorkloadKind kind;
  /// Tokens of a prefill, of a decode, or rows of a forward.
  uint32_t count;
  /// "pp512", "tg128", "rows4"; with a depth "pp512@d4096".
  std::string name;
  /// Of a repetition.
  uint64_t tokens;
  RunCost cost;

  std::vector<double> seconds, shares, againstOneRow;
  /// Probed around each repetition.
  std::vector<Limits> limits;
  /// By dispatch, over all repetitions; empty without profile.
  std::vector<DispatchProfile> profile;
};

/// A test whose sequence starts behind `depth` tokens. `manifest` and
/// `arithmetics`, its dispatches', outlive it.
Workload planWorkload(WorkloadKind kind, uint32_t count, uint32_t depth,
                      const artifact::Manifest &manifest,
                      const std::vector<Arithmetic> &arithmetics);

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_WORKLOAD_H
