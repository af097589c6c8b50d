//===- Program.h - The interpreter of dispatch lists ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_EXEC_PROGRAM_H
#define GEMMA_RUNTIME_EXEC_PROGRAM_H

#include "runtime/artifact/ManifestView.h"
#include "runtime/core/CancelFlag.h"
#include "runtime/core/Threads.h"
#include "runtime/cpu/CodeImage.h"
#include "runtime/exec/KvCache.h"
#include "runtime/gemma.h"

#include <chrono>
#include <cstdint>
#include <vector>

namespace gemma {

/// Where the buffers of a session lie, each aligned to 64 bytes.
struct Buffers {
  unsigned char *arena = nullptr;
  /// [max_rows] i32 each.
  int32_t *tokens = nullptr, *positions = nullptr, *slots = nullptr,
          *outRows = nullptr;
  float *logits = nullptr;
  /// One per weight of the manifest.
  Span<const unsigned char *const> weights;
  const KvCache *cache = nullptr;
};

/// What a dispatch must move and compute in one forward.
struct DispatchCost {
  uint64_t bytes = 0;
  /// A multiply-add is two.
  uint64_t operations = 0;
};

/// The cost of a dispatch of a forward over rows at `positions` that gives
/// `outRows` rows of logits, from the model's dimensions and encodings: each
/// weight byte once, the keys that each row sees.
DispatchCost dispatchCost(const artifact::Manifest &manifest,
                          const artifact::Dispatch &dispatch,
                          Span<const int32_t> positions, uint64_t outRows);

/// The dispatch list of a model over the buffers of one session. A forward is
/// one job of the thread pool: every thread goes through the list and takes
/// items of the current dispatch until none is left; the last one to come to
/// the barrier moves on to the next dispatch.
class Program {
public:
  /// `manifest` is verified and outlives the program, as do `kernels` (by
  /// the manifest's numbers) and what `buffers` points to.
  Program(const artifact::Manifest &manifest, Span<const Kernel> kernels,
          const Buffers &buffers, ThreadPool &pool, bool profile);
  Program(const Program &) = delete;

  /// Runs the list over the first `rows` rows and `outRows` rows of logits.
  /// False if one of the flags (the second may be null) stopped it at the
  /// border of two dispatches.
  bool run(uint32_t rows, uint32_t outRows, const CancelFlag &cancel,
           const CancelFlag *sharedCancel);

  Span<const DispatchProfile> profile() const {
    return {profiles.data(), profiles.size()};
  }
  void resetProfile();

  /// See Session::setTracing and Session::trace.
  void setTracing(bool on);
  Span<const DispatchEvent> trace() const {
    return {recorded.data(), recorded.size()};
  }

private:
  struct Step {
    Kernel kernel;
    void *const *pointers;
    /// Of its KV cache, or 0.
    int64_t capacity;
    bool overOutRows;
    uint64_t tiles, rowTile;
  };

  template <bool Tracing> void work(uint32_t thread);
  void start(const Step *step);
  void advance();
  void measure();
  void collectTrace();

  const artifact::Manifest &manifest;
  const Buffers buffers;
  ThreadPool &pool;
  std::vector<void *> pointers;
  std::vector<Step> steps;

  // The forward that runs. Changed by one thread at a time, between the
  // arrival of the last thread at the barrier and the others' departure.
  SpinBarrier barrier;
  ChunkCounter items;
  /// Null at the end.
  const Step *current = nullptr;
  int64_t rows = 0, outRows = 0;
  const CancelFlag *cancel = nullptr, *sharedCancel = nullptr;
  bool stopped = false;

  std::vector<DispatchProfile> profiles;
  std::chrono::steady_clock::time_point begun, lastBorder;

  /// [steps][threads] while tracing, else empty; `end` is 0 where a thread
  /// found no items.
  std::vector<DispatchEvent> events;
  std::vector<DispatchEvent> recorded;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_EXEC_PROGRAM_H
