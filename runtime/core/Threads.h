//===- Threads.h - Threads that work in step --------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// A ThreadPool runs one job on all its threads at once; inside the job the
// threads share items through a ChunkCounter and wait for each other at a
// SpinBarrier. So a whole forward is one job, and what lies between two of its
// dispatches is a barrier of about 0.1 us, without lock or system call.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_THREADS_H
#define GEMMA_RUNTIME_CORE_THREADS_H

#include "runtime/core/Result.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <sched.h>
#include <type_traits>
#include <vector>

namespace gemma {

/// Most threads of a pool.
constexpr uint32_t kMaxThreads = 1024;
/// Two variables written by different threads are this far apart: a pair of
/// cache lines, which some processors fetch together.
constexpr size_t kCacheLinePair = 128;

/// CPUs that this process may use, at least 1: those of its affinity mask, or
/// fewer if its control group has a quota (spinning threads beyond the quota
/// would stop each other).
uint32_t availableCpus();

/// Keeps the calling thread on one CPU while it lives.
class PinnedThread {
public:
  /// Does nothing if the system refuses.
  explicit PinnedThread(uint32_t cpu);
  PinnedThread(const PinnedThread &) = delete;
  PinnedThread &operator=(const PinnedThread &) = delete;
  /// Gives back the CPUs that it had.
  ~PinnedThread();

private:
  cpu_set_t previous;
  bool pinned = false;
};

/// Waits without a system call: first by the processor's pause instruction,
/// then, as somebody may need this CPU, by yielding it.
class SpinWait {
public:
  void once() {
    if (++spins < kSpinsBeforeYield) {
      pause();
    } else {
      sched_yield();
    }
  }
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }

private:
  // About 50 us, far more than an uneven end of a dispatch.
  static constexpr uint32_t kSpinsBeforeYield = 2000;
  uint32_t spins = 0;
};

/// Where `count` threads wait until all have come.
class SpinBarrier {
public:
  explicit SpinBarrier(uint32_t count) : count(count) {}

  /// Returns when all threads have called it. The last one to come calls
  /// `last` before the others go on; all see what it wrote.
  template <typename Last> void arrive(Last &&last) {
    uint32_t round = rounds.load(std::memory_order_relaxed);
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == count) {
      arrived.store(0, std::memory_order_relaxed);
      last();
      rounds.store(round + 1, std::memory_order_release);
      return;
    }
    SpinWait wait;
    while (rounds.load(std::memory_order_acquire) == round) {
      wait.once();
    }
  }

private:
  const uint32_t count;
  alignas(kCacheLinePair) std::atomic<uint32_t> arrived{0};
  alignas(kCacheLinePair) std::atomic<uint32_t> rounds{0};
};

/// Hands out the items [0, n) to whoever asks first, in chunks that shrink to
/// single items at the end, where all others wait for the last one. A static
/// split is worse: threads of a shared machine do not run at the same speed,
/// and the slowest would set the pace (measured: the counter won 9 of 12 runs
/// of a decode step). Results do not depend on the split, so nothing is lost.
class ChunkCounter {
public:
  /// Starts over with `count` items, at most 2^62; only while nobody takes.
  void reset(uint64_t count, uint32_t threads) {
    items = count;
    parts = threads == 1 ? 1 : kPartsPerThread * uint64_t(threads);
    most = threads == 1 ? std::max<uint64_t>(count, 1) : kMostItems;
    next.store(0, std::memory_order_relaxed);
  }
  /// Takes a chunk [begin, end), a fixed part of what is left; false if nothing
  /// is.
  bool take(uint64_t &begin, uint64_t &end) {
    begin = next.load(std::memory_order_relaxed);
    do {
      if (begin >= items) {
        return false;
      }
      end = begin + std::clamp<uint64_t>((items - begin) / parts, 1, most);
    } while (!next.compare_exchange_weak(begin, end, std::memory_order_relaxed,
                                         std::memory_order_relaxed));
    return true;
  }

private:
  /// A thread takes half of its share of what is left, but no more than 16
  /// items: threads that read neighbouring weights read a little faster.
  static constexpr uint64_t kPartsPerThread = 2;
  static constexpr uint64_t kMostItems = 16;

  uint64_t items = 0;
  uint64_t parts = 1;
  uint64_t most = 1;
  alignas(kCacheLinePair) std::atomic<uint64_t> next{0};
};

/// Threads that run jobs together. They spin for a moment after a job, since
/// the next one tends to come soon, and then sleep. Signals go to the threads
/// of the caller, never to these.
class ThreadPool {
public:
  /// A pool of `count` threads, 1 to kMaxThreads, the caller of run()
  /// included. If `pin`, each is kept on one of the CPUs that this thread may
  /// use, in their order and again from the first if there are too few; the
  /// caller of run() while it runs (three system calls, about 1 us).
  /// Errors: Resource.
  static Result<std::unique_ptr<ThreadPool>> create(uint32_t count,
                                                    bool pin = false);
  ~ThreadPool();

  uint32_t threads() const { return count; }

  /// Calls `job(thread)` once on every thread, thread = 0 being the caller,
  /// and returns when all have returned. One caller at a time.
  template <typename Job> void run(Job &&job) {
    using Plain = std::remove_reference_t<Job>;
    runErased([](void *context,
                 uint32_t thread) { (*static_cast<Plain *>(context))(thread); },
              const_cast<void *>(static_cast<const void *>(&job)));
  }

  /// Calls `body(begin, end)` for chunks of [0, items) on all threads.
  template <typename Body> void forChunks(uint64_t items, Body &&body) {
    counter.reset(items, count);
    run([&](uint32_t) {
      for (uint64_t begin, end; counter.take(begin, end);) {
        body(begin, end);
      }
    });
  }

private:
  using Function = void (*)(void *context, uint32_t thread);
  struct Worker {
    ThreadPool *pool;
    uint32_t number;
    pthread_t handle;
  };

  explicit ThreadPool(uint32_t count) : count(count) {}
  static void *enter(void *worker);
  void runErased(Function function, void *context);
  void work(uint32_t thread);
  void awaitJob(uint32_t seen);
  void announceJob();

  const uint32_t count;
  /// CPUs to keep the threads on; empty = wherever the system puts them.
  std::vector<uint32_t> cpus;
  std::vector<Worker> workers;
  ChunkCounter counter;

  // The job; written before `jobs` grows, read after.
  Function function = nullptr;
  void *context = nullptr;
  bool stopping = false;

  alignas(kCacheLinePair) std::atomic<uint32_t> jobs{0};
  alignas(kCacheLinePair) std::atomic<uint32_t> unfinished{0};

  // For workers that sleep.
  std::atomic<uint32_t> sleeping{0};
  std::mutex mutex;
  std::condition_variable newJob;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_THREADS_H
