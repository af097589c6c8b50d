//===- Report.h - What gemma-bench prints -----------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_REPORT_H
#define GEMMA_RUNTIME_BENCH_REPORT_H

#include "runtime/bench/Statistics.h"
#include "runtime/bench/Trace.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gemma {

/// A limit and what the probes of this run found of it.
struct LimitReport {
  /// "read_bandwidth", or the instruction: "vdpbf16ps zmm".
  std::string kind;
  /// "bytes/s" or "operations/s".
  std::string unit;
  Spread value;
  /// How it was probed, for people.
  std::string how;
};

/// All dispatches of one op in one test, per repetition.
struct OpProfile {
  std::string op;
  double calls = 0, seconds = 0, bytes = 0, operations = 0;
  /// What they would take at their limits.
  double idealSeconds = 0;
};

/// One test over all repetitions.
struct BenchResult {
  /// "pp512", "tg128", "rows4"; with a depth "pp512@d4096".
  std::string name;
  /// Of one repetition.
  uint64_t tokens = 0, bytes = 0, operations = 0;
  Spread seconds, tokensPerSecond;
  /// Of the limits probed around each repetition.
  Spread share;
  /// The limit that bounds most of the time: number in BenchReport::limits,
  /// and the median of its value around these runs.
  size_t limit = 0;
  double limitValue = 0;
  /// Time of the forward against that of one row, only of "rows…".
  std::optional<Spread> againstOneRow;
  /// By time, the longest first; empty without profile.
  std::vector<OpProfile> profile;
};

/// A run of gemma-bench.
struct BenchReport {
  /// The file's path; whoever opened it fills it in.
  std::string model;
  /// "bf16", as the model was compiled.
  std::string weights;
  std::string cpu;
  uint64_t parameters = 0, weightBytes = 0;
  bool stub = false, pinned = false;
  uint32_t threads = 0, repetitions = 0, depth = 0, context = 0;
  std::vector<LimitReport> limits;
  std::vector<BenchResult> results;
  /// One prefill chunk, one decode token; empty without trace.
  std::vector<ForwardTrace> trace;

  /// Tables for people; end with a newline.
  std::string table() const;
  /// {"model", "threads", "results": [{"name", "tokens_per_second":
  /// {"median", "min", "max"}, "limit": {"kind", "value", "unit"}, "bytes",
  /// "operations", "share", …}], …}; one line.
  std::string json() const;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_REPORT_H
