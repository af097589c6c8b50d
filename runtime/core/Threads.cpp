//===- Threads.cpp - Threads that work in step ----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Threads.h"

#include <cstdio>
#include <cstring>
#include <signal.h>
#include <string>

using namespace gemma;

// A worker waits this long for the next job before it sleeps, about 50 us:
// more than sampling a token takes, less than a user notices as heat.
static constexpr uint32_t kSpinsBeforeSleep = 2000;

/// CPUs of the control group's quota (cgroup v2), rounded up; 0 if none.
static uint32_t quotaCpus() {
  std::FILE *file = std::fopen("/sys/fs/cgroup/cpu.max", "re");
  if (!file) {
    return 0;
  }
  unsigned long long quota = 0, period = 0;
  // "max 100000" if there is no quota.
  int read = std::fscanf(file, "%llu %llu", &quota, &period);
  std::fclose(file);
  if (read != 2 || period == 0) {
    return 0;
  }
  return static_cast<uint32_t>(
      std::clamp<unsigned long long>((quota + period - 1) / period, 1, 65536));
}

uint32_t gemma::availableCpus() {
  uint32_t cpus = 1;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    cpus = static_cast<uint32_t>(std::max(CPU_COUNT(&set), 1));
  }
  uint32_t quota = quotaCpus();
  cpus = quota != 0 ? std::min(cpus, quota) : cpus;
  return std::min(cpus, kMaxThreads);
}

/// CPUs that this thread may use.
static std::vector<uint32_t> allowedCpus() {
  std::vector<uint32_t> cpus;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) {
    for (uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET(cpu, &set)) {
        cpus.push_back(cpu);
      }
    }
  }
  return cpus;
}

PinnedThread::PinnedThread(uint32_t cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pinned = sched_getaffinity(0, sizeof previous, &previous) == 0 &&
           sched_setaffinity(0, sizeof set, &set) == 0;
}

PinnedThread::~PinnedThread() {
  if (pinned) {
    sched_setaffinity(0, sizeof previous, &previous);
  }
}

Result<std::unique_ptr<ThreadPool>> ThreadPool::create(uint32_t count,
                                                       bool pin) {
  if (count < 1 || count > kMaxThreads) {
    return invalidUsage("threads: expected 1 to " +
                        std::to_string(kMaxThreads) + ", found " +
                        std::to_string(count));
  }
  std::unique_ptr<ThreadPool> pool(new ThreadPool(count));
  if (pin) {
    pool->cpus = allowedCpus();
  }
  // No reallocation later: the threads keep pointers to their entries.
  pool->workers.reserve(count - 1);
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  int reason = 0;
  for (uint32_t number = 1; number < count && reason == 0; ++number) {
    pool->workers.push_back({pool.get(), number, {}});
    Worker &worker = pool->workers.back();
    reason = pthread_create(&worker.handle, nullptr, enter, &worker);
    if (reason != 0) {
      pool->workers.pop_back();
    }
  }
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  if (reason != 0) {
    return resourceError("threads: expected to start " +
                         std::to_string(count - 1) + ", found \"" +
                         std::strerror(reason) + "\" after " +
                         std::to_string(pool->workers.size()));
  }
  return pool;
}

ThreadPool::~ThreadPool() {
  stopping = true;
  announceJob();
  for (Worker &worker : workers) {
    pthread_join(worker.handle, nullptr);
  }
}

void *ThreadPool::enter(void *worker) {
  auto *self = static_cast<Worker *>(worker);
  self->pool->work(self->number);
  return nullptr;
}

void ThreadPool::announceJob() {
  // Either a worker that goes to sleep sees the new number, or this thread
  // sees that it sleeps: both sides write one and then read the other, in the
  // one order of all sequentially consistent operations.
  jobs.fetch_add(1, std::memory_order_seq_cst);
  if (sleeping.load(std::memory_order_seq_cst) != 0) {
    // A worker holds the mutex from its last look at `jobs` until it sleeps.
    mutex.lock();
    mutex.unlock();
    newJob.notify_all();
  }
}

void ThreadPool::awaitJob(uint32_t seen) {
  for (uint32_t spin = 0; spin < kSpinsBeforeSleep; ++spin) {
    if (jobs.load(std::memory_order_acquire) != seen) {
      return;
    }
    SpinWait::pause();
  }
  std::unique_lock<std::mutex> lock(mutex);
  sleeping.fetch_add(1, std::memory_order_seq_cst);
  while (jobs.load(std::memory_order_seq_cst) == seen) {
    newJob.wait(lock);
  }
  sleeping.fetch_sub(1, std::memory_order_relaxed);
}

void ThreadPool::runErased(Function newFunction, void *newContext) {
  function = newFunction;
  context = newContext;
  unfinished.store(count - 1, std::memory_order_relaxed);
  if (count > 1) {
    announceJob();
  }
  std::optional<PinnedThread> here;
  if (!cpus.empty()) {
    here.emplace(cpus[0]);
  }
  newFunction(newContext, 0);
  SpinWait wait;
  while (unfinished.load(std::memory_order_acquire) != 0) {
    wait.once();
  }
}

void ThreadPool::work(uint32_t thread) {
  std::optional<PinnedThread> here;
  if (!cpus.empty()) {
    here.emplace(cpus[thread % cpus.size()]);
  }
  for (uint32_t seen = 0;; ++seen) {
    awaitJob(seen);
    if (stopping) {
      return;
    }
    function(context, thread);
    unfinished.fetch_sub(1, std::memory_order_release);
  }
}
