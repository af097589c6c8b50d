//===- Limits.cpp - What the machine can do at most -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Limits.h"

#include "runtime/bench/Statistics.h"

#include <algorithm>

using namespace gemma;

// Handed to the threads at a time; a pool takes up to 16 of them in one chunk,
// so that threads of uneven speed end together.
static constexpr uint64_t kItemBytes = 256 << 10;
// More than any cache, so that the choice of the loop is one of memory.
static constexpr uint64_t kPickBytes = uint64_t(1) << 30;
static constexpr int kFirstRounds = 2, kFinalRounds = 5;
static constexpr size_t kFinalists = 6;
// A probe is the median of at least this many passes over at least this time.
static constexpr size_t kPasses = 3;
static constexpr double kReadSeconds = 0.15, kPeakSeconds = 0.06;
// Rounds of a peak loop in a pass: a few milliseconds.
static constexpr uint64_t kRounds = 1 << 19;

static_assert(kItemBytes % kReadBlock == 0, "a loop reads whole blocks");

Limits Limits::between(const Limits &before, const Limits &after) {
  Limits mean;
  mean.bandwidth = (before.bandwidth + after.bandwidth) / 2;
  for (size_t i = 0; i < kArithmetics; ++i) {
    mean.peaks[i] = (before.peaks[i] + after.peaks[i]) / 2;
  }
  return mean;
}

/// One pass over the first `bytes` of the memory, in bytes/s.
double LimitProbe::readOnce(const ReadLoop &with, uint64_t bytes) {
  const unsigned char *first = memory.data();
  uint64_t whole = bytes / kReadBlock * kReadBlock;
  uint64_t items = (whole + kItemBytes - 1) / kItemBytes;
  std::atomic<uint64_t> sum{0};
  Stopwatch watch;
  pool->forChunks(items, [&](uint64_t begin, uint64_t end) {
    sum += with.sum(first + begin * kItemBytes,
                    first + std::min(end * kItemBytes, whole));
  });
  double seconds = watch.seconds();
  checksum += sum;
  return static_cast<double>(whole) / seconds;
}

/// All threads at once, in operations/s.
double LimitProbe::multiplyOnce(const PeakLoop &with) {
  Stopwatch watch;
  pool->run([&](uint32_t) { with.run(kRounds); });
  return static_cast<double>(with.operations * kRounds * pool->threads()) /
         watch.seconds();
}

static Error interruptedError() {
  return {ErrorCode::Interrupted, "limits: interrupted"};
}

/// The loop that was fastest once: whatever else the machine does only makes a
/// pass slower. All are tried in turns, the best of them more often.
Result<void> LimitProbe::pickLoop() {
  struct Candidate {
    ReadLoop loop;
    double best = 0;
  };
  std::vector<Candidate> candidates;
  for (ReadLoop &each : readLoops()) {
    candidates.push_back({std::move(each)});
  }
  uint64_t bytes = std::min<uint64_t>(memory.size(), kPickBytes);
  for (int rounds : {kFirstRounds, kFinalRounds}) {
    for (int round = 0; round < rounds; ++round) {
      for (Candidate &candidate : candidates) {
        if (interrupted()) {
          return interruptedError();
        }
        candidate.best =
            std::max(candidate.best, readOnce(candidate.loop, bytes));
      }
    }
    std::stable_sort(
        candidates.begin(), candidates.end(),
        [](const Candidate &a, const Candidate &b) { return a.best > b.best; });
    candidates.resize(std::min(candidates.size(), kFinalists));
  }
  loop = candidates.front().loop;
  return {};
}

Result<LimitProbe> LimitProbe::create(Span<const unsigned char> memory,
                                      Span<const std::string_view> features,
                                      Span<const Arithmetic> arithmetics,
                                      uint32_t threads, bool pin,
                                      const CancelFlag *cancel) {
  if (memory.size() < kReadBlock) {
    return invalidUsage("limits: expected at least " +
                        std::to_string(kReadBlock) + " bytes to read, found " +
                        std::to_string(memory.size()));
  }
  auto pool = ThreadPool::create(threads, pin);
  if (!pool) {
    return pool.takeError();
  }
  LimitProbe probe(memory, std::move(*pool), cancel);
  for (Arithmetic arithmetic : arithmetics) {
    probe.wanted.push_back(arithmetic);
    probe.peakLoops[static_cast<size_t>(arithmetic)] =
        gemma::peakLoop(arithmetic, features);
  }
  // The first pass maps the pages, and may read them from the disk.
  probe.readOnce(readLoops().front(), memory.size());
  if (Result<void> picked = probe.pickLoop(); !picked) {
    return picked.takeError();
  }
  return probe;
}

/// The median of passes of `once`.
template <typename Once>
static double medianOf(double seconds, Once &&once, const CancelFlag *cancel) {
  std::vector<double> passes;
  Stopwatch watch;
  do {
    passes.push_back(once());
  } while ((passes.size() < kPasses || watch.seconds() < seconds) &&
           !(cancel && cancel->requested()));
  return spreadOf(std::move(passes)).median;
}

Result<Limits> LimitProbe::measure() {
  Limits found;
  found.bandwidth = medianOf(
      kReadSeconds, [&] { return readOnce(loop, memory.size()); }, cancel);
  for (Arithmetic arithmetic : wanted) {
    const PeakLoop &with = peakLoop(arithmetic);
    found.peaks[static_cast<size_t>(arithmetic)] =
        medianOf(kPeakSeconds, [&] { return multiplyOnce(with); }, cancel);
  }
  if (interrupted()) {
    return interruptedError();
  }
  return found;
}
