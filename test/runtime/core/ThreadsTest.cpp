//===- ThreadsTest.cpp - Threads that work in step ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Threads.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <thread>
#include <unistd.h>

using namespace gemma;

TEST(ThreadsTest, SomeCpuIsThere) {
  EXPECT_GE(availableCpus(), 1u);
  EXPECT_LE(availableCpus(), kMaxThreads);
}

TEST(ThreadsTest, RefusesOddCounts) {
  EXPECT_EQ(ThreadPool::create(0).error().code, ErrorCode::InvalidUsage);
  EXPECT_EQ(ThreadPool::create(kMaxThreads + 1).error().code,
            ErrorCode::InvalidUsage);
}

TEST(ThreadsTest, EveryThreadRunsAJobOnce) {
  for (uint32_t threads : {1u, 2u, 5u}) {
    std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(threads));
    std::vector<int> calls(threads);
    for (int job = 0; job < 200; ++job) {
      pool->run([&](uint32_t thread) { ++calls[thread]; });
    }
    EXPECT_EQ(calls, std::vector<int>(threads, 200));
  }
}

TEST(ThreadsTest, JobsAfterASleep) {
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(3));
  std::atomic<int> calls{0};
  for (int job = 0; job < 20; ++job) {
    // Some sleeps are longer than the workers spin, some about as long.
    std::this_thread::sleep_for(std::chrono::microseconds(job * 20));
    pool->run([&](uint32_t) { ++calls; });
  }
  EXPECT_EQ(calls, 60);
}

TEST(ThreadsTest, ChunksCoverEveryItemOnce) {
  for (uint32_t threads : {1u, 2u, 7u}) {
    std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(threads));
    for (uint64_t items : {0u, 1u, 2u, 15u, 16u, 17u, 1000u, 4099u}) {
      std::vector<std::atomic<int>> seen(items);
      pool->forChunks(items, [&](uint64_t begin, uint64_t end) {
        for (uint64_t item = begin; item < end; ++item) {
          ++seen[item];
        }
      });
      for (const auto &count : seen) {
        ASSERT_EQ(count, 1);
      }
    }
  }
}

// Every chunk is a part of what is left, whoever takes it.
TEST(ThreadsTest, ChunksShrink) {
  ChunkCounter counter;
  counter.reset(1000, 4);
  uint64_t left = 1000;
  for (uint64_t begin, end; counter.take(begin, end);) {
    EXPECT_EQ(begin, 1000 - left);
    EXPECT_EQ(end - begin, std::clamp<uint64_t>(left / 8, 1, 16));
    left -= end - begin;
  }
  EXPECT_EQ(left, 0u);
  uint64_t begin, end;
  EXPECT_FALSE(counter.take(begin, end));

  counter.reset(5, 4);
  ASSERT_TRUE(counter.take(begin, end));
  EXPECT_EQ(end - begin, 1u);
  counter.reset(1000, 1);
  ASSERT_TRUE(counter.take(begin, end));
  EXPECT_EQ(end, 1000u);
  counter.reset(0, 2);
  EXPECT_FALSE(counter.take(begin, end));
}

// Phases of a job: what one phase writes all threads read in the next. More
// threads than CPUs, so that waiting must give way.
TEST(ThreadsTest, BarriersOrderPhases) {
  constexpr uint32_t kThreads = 6;
  constexpr int kPhases = 2000;
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(kThreads));
  SpinBarrier barrier(kThreads);
  std::vector<int> values(kThreads, 0);
  int serial = 0;
  std::atomic<int> wrong{0};
  pool->run([&](uint32_t thread) {
    for (int phase = 1; phase <= kPhases; ++phase) {
      values[thread] = phase;
      barrier.arrive([&] { ++serial; });
      wrong += values[(thread + 1) % kThreads] != phase || serial < phase;
      barrier.arrive([] {});
    }
  });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(serial, kPhases);
}

TEST(ThreadsTest, PoolsAreIndependent) {
  std::atomic<uint64_t> sum{0};
  std::vector<std::thread> users;
  for (int user = 0; user < 4; ++user) {
    users.emplace_back([&] {
      std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(2));
      for (int job = 0; job < 100; ++job) {
        pool->forChunks(
            100, [&](uint64_t begin, uint64_t end) { sum += end - begin; });
      }
    });
  }
  for (std::thread &user : users) {
    user.join();
  }
  EXPECT_EQ(sum, 4u * 100 * 100);
}

TEST(ThreadsTest, ManyPoolsComeAndGo) {
  for (int i = 0; i < 200; ++i) {
    std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(3));
    if (i % 2 == 0) {
      pool->run([](uint32_t) {});
    }
  }
}

static std::vector<int> cpusOfThisThread() {
  cpu_set_t set;
  std::vector<int> cpus;
  sched_getaffinity(0, sizeof set, &set);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) {
      cpus.push_back(cpu);
    }
  }
  return cpus;
}

// Each on the next of the CPUs that the caller may use, more threads than CPUs
// from the first again; the caller only while it runs.
TEST(ThreadsTest, PinnedThreadsHaveACpuEach) {
  const std::vector<int> allowed = cpusOfThisThread();
  const auto threads = static_cast<uint32_t>(allowed.size() + 1);
  std::unique_ptr<ThreadPool> pool =
      std::move(*ThreadPool::create(threads, /*pin=*/true));
  for (int job = 0; job < 3; ++job) {
    std::vector<std::vector<int>> seen(threads);
    pool->run([&](uint32_t thread) { seen[thread] = cpusOfThisThread(); });
    for (uint32_t thread = 0; thread < threads; ++thread) {
      EXPECT_EQ(seen[thread],
                std::vector<int>{allowed[thread % allowed.size()]});
    }
    EXPECT_EQ(cpusOfThisThread(), allowed);
  }
}

TEST(ThreadsTest, OtherThreadsAreNotPinned) {
  const std::vector<int> allowed = cpusOfThisThread();
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(2));
  std::vector<int> seen[2];
  pool->run([&](uint32_t thread) { seen[thread] = cpusOfThisThread(); });
  EXPECT_EQ(seen[0], allowed);
  EXPECT_EQ(seen[1], allowed);
}

static thread_local bool isWorker = false;
static std::atomic<int> onWorker{0}, onCaller{0};

TEST(ThreadsTest, SignalsGoToTheCaller) {
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(3));
  pool->run([](uint32_t thread) { isWorker = thread != 0; });
  struct sigaction action = {}, before;
  action.sa_handler = [](int) { isWorker ? ++onWorker : ++onCaller; };
  sigaction(SIGUSR1, &action, &before);
  for (int i = 0; i < 20; ++i) {
    pool->run([&](uint32_t thread) {
      if (thread == 1) {
        kill(getpid(), SIGUSR1);
      }
    });
  }
  sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(onWorker, 0);
  EXPECT_GT(onCaller, 0);
}
