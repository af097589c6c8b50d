//===- Trace.h - Forwards as a trace for Perfetto ---------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_TRACE_H
#define GEMMA_RUNTIME_BENCH_TRACE_H

#include "runtime/exec/Program.h"

#include <string>
#include <vector>

namespace gemma {

/// What the threads did in one forward.
struct ForwardTrace {
  /// "prefill, 512 tokens".
  std::string title;
  uint32_t threads = 0;
  std::vector<DispatchEvent> events;
  /// By dispatch.
  struct Dispatch {
    std::string op, kernel;
    DispatchCost cost;
  };
  std::vector<Dispatch> dispatches;
};

/// The forwards, one after the other, in Chrome's trace event format, which
/// ui.perfetto.dev shows: a process per forward, a track per thread, a slice
/// per dispatch that the thread worked on. Times in us.
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
std::string traceJson(const std::vector<ForwardTrace> &forwards);

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_TRACE_H
