//===- Limits.h - What the machine can do at most ---------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The limits that a run is held against: how fast its threads read the model's
// weights with the best of several loops, and how fast they multiply and add
// in registers. Shared machines drift, so the same probe is repeated before,
// between and after the runs.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_LIMITS_H
#define GEMMA_RUNTIME_BENCH_LIMITS_H

#include "runtime/bench/PeakLoops.h"
#include "runtime/bench/ReadLoops.h"
#include "runtime/core/CancelFlag.h"
#include "runtime/core/Threads.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace gemma {

/// What one probe found.
struct Limits {
  /// In bytes/s.
  double bandwidth = 0;
  /// In operations/s, by Arithmetic; 0 where it was not asked for.
  std::array<double, kArithmetics> peaks{};

  double peak(Arithmetic arithmetic) const {
    return peaks[static_cast<size_t>(arithmetic)];
  }
  /// The mean of two probes: the limit of a run between them.
  static Limits between(const Limits &before, const Limits &after);
};

/// Probes the limits with the same number of threads as the runs.
class LimitProbe {
public:
  /// `memory` is what is read: the weights, or another buffer of at least
  /// kReadBlock bytes. `features` are those that the model's code may use;
  /// `arithmetics` the peaks to probe. `memory` and `cancel` (which may be
  /// null) outlive the probe. Tries all read loops on a part of the memory and
  /// keeps the fastest. Errors: Resource, Interrupted.
  static Result<LimitProbe> create(Span<const unsigned char> memory,
                                   Span<const std::string_view> features,
                                   Span<const Arithmetic> arithmetics,
                                   uint32_t threads, bool pin,
                                   const CancelFlag *cancel);

  /// Takes about half a second, or three times as long as it takes to read
  /// the memory. Errors: Interrupted.
  Result<Limits> measure();

  const ReadLoop &readLoop() const { return loop; }
  /// Those whose peaks are probed.
  const std::vector<Arithmetic> &arithmetics() const { return wanted; }
  const PeakLoop &peakLoop(Arithmetic arithmetic) const {
    return peakLoops[static_cast<size_t>(arithmetic)];
  }
  /// Bytes that a probe reads per pass.
  uint64_t bytes() const { return memory.size(); }

private:
  LimitProbe(Span<const unsigned char> memory, std::unique_ptr<ThreadPool> pool,
             const CancelFlag *cancel)
      : memory(memory), pool(std::move(pool)), cancel(cancel) {}
  double readOnce(const ReadLoop &with, uint64_t bytes);
  double multiplyOnce(const PeakLoop &with);
  bool interrupted() const { return cancel && cancel->requested(); }
  Result<void> pickLoop();

  Span<const unsigned char> memory;
  std::unique_ptr<ThreadPool> pool;
  const CancelFlag *cancel;
  ReadLoop loop;
  std::array<PeakLoop, kArithmetics> peakLoops{};
  std::vector<Arithmetic> wanted;
  // Keeps the compiler from leaving the reading out.
  uint64_t checksum = 0;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_LIMITS_H
