//===- ProgramTest.cpp - The interpreter of dispatch lists ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/Program.h"

#include "../TestingArtifact.h"

#include <atomic>
#include <cfenv>
#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

namespace {
/// What the kernels of these tests saw: one line per call.
struct Call {
  int kernel;
  int64_t rows, capacity, begin, end;
};
std::vector<Call> calls;
std::atomic<int64_t> items[3];
CancelFlag *raiseIn1 = nullptr;

template <int Number>
void record(void *const *, const int64_t *scalars, int64_t begin, int64_t end) {
  items[Number] += end - begin;
  if (Number == 1 && raiseIn1) {
    raiseIn1->request();
  }
  if (scalars) {
    calls.push_back({Number, scalars[0], scalars[1], begin, end});
  }
}
/// Without the list of calls, for several threads.
template <int Number>
void countItems(void *const *, const int64_t *, int64_t begin, int64_t end) {
  items[Number] += end - begin;
}

/// Three dispatches: 0 and 1 over rows, 2 over out_rows.
struct Fixture {
  flatbuffers::FlatBufferBuilder builder;
  const artifact::Manifest *manifest;
  KvCache cache;
  std::unique_ptr<ThreadPool> pool;
  std::vector<int32_t> index = std::vector<int32_t>(64, 3);
  Buffers buffers;

  explicit Fixture(uint32_t threads) {
    calls.clear();
    for (auto &count : items) {
      count = 0;
    }
    raiseIn1 = nullptr;
    artifact::ManifestT manifestT;
    manifestT.max_rows = 64;
    auto kv = std::make_unique<artifact::KvCacheT>();
    kv->heads = kv->head_dim = kv->element_bytes = 4;
    manifestT.kv_caches.push_back(std::move(kv));
    for (uint32_t i = 0; i < 3; ++i) {
      auto kernel = std::make_unique<artifact::KernelT>();
      kernel->symbol = "kernel_" + std::to_string(i);
      kernel->op = "op" + std::to_string(i);
      manifestT.kernels.push_back(std::move(kernel));
      auto dispatch = std::make_unique<artifact::DispatchT>();
      dispatch->kernel = i;
      dispatch->tiles = 10;
      dispatch->row_tile = i == 0 ? 0 : 4;
      dispatch->rows =
          i == 2 ? artifact::RowCount_OutRows : artifact::RowCount_Rows;
      dispatch->fixed_bytes = 1000;
      dispatch->row_bytes = 10;
      dispatch->row_operations = 7;
      dispatch->key_bytes = i == 1 ? 100 : 0;
      auto binding = std::make_unique<artifact::BindingT>();
      binding->kind =
          i == 1 ? artifact::BindingKind_KvCache : artifact::BindingKind_Tokens;
      dispatch->bindings.push_back(std::move(binding));
      manifestT.forward.push_back(std::move(dispatch));
    }
    builder.Finish(artifact::Manifest::Pack(builder, &manifestT));
    manifest =
        flatbuffers::GetRoot<artifact::Manifest>(builder.GetBufferPointer());
    cache = std::move(
        *KvCache::create(std::move(*KvLayout::plan(*manifest, 40, 1)), 1));
    pool = std::move(*ThreadPool::create(threads));
    buffers.tokens = buffers.positions = index.data();
    buffers.cache = &cache;
  }
};
} // namespace

static const Kernel kRecord[] = {record<0>, record<1>, record<2>};
static const Kernel kCount[] = {countItems<0>, countItems<1>, countItems<2>};

TEST(ProgramTest, RunsDispatchesInOrder) {
  Fixture fixture(1);
  Program program(*fixture.manifest, {kRecord, 3}, fixture.buffers,
                  *fixture.pool, false);
  CancelFlag cancel;
  EXPECT_TRUE(program.run(9, 2, cancel, nullptr));
  ASSERT_EQ(calls.size(), 3u);
  // tiles * (row_tile ? ceil(rows / row_tile) : 1)
  EXPECT_EQ(calls[0].end, 10);
  EXPECT_EQ(calls[1].end, 30);
  EXPECT_EQ(calls[2].end, 10);
  EXPECT_EQ(calls[0].rows, 9);
  EXPECT_EQ(calls[1].rows, 9);
  EXPECT_EQ(calls[2].rows, 2);
  EXPECT_EQ(calls[0].capacity, 0);
  EXPECT_EQ(calls[1].capacity, 64);
  EXPECT_TRUE(program.profile().empty());
}

TEST(ProgramTest, WithoutOutRowsTheirDispatchesAreLeftOut) {
  Fixture fixture(1);
  Program program(*fixture.manifest, {kRecord, 3}, fixture.buffers,
                  *fixture.pool, false);
  CancelFlag cancel;
  EXPECT_TRUE(program.run(1, 0, cancel, nullptr));
  EXPECT_EQ(calls.size(), 2u);
}

TEST(ProgramTest, ThreadsShareTheItems) {
  Fixture fixture(4);
  Program program(*fixture.manifest, {kCount, 3}, fixture.buffers,
                  *fixture.pool, false);
  CancelFlag cancel;
  for (int run = 1; run <= 100; ++run) {
    ASSERT_TRUE(program.run(64, 64, cancel, nullptr));
    ASSERT_EQ(items[0], 10 * run);
    ASSERT_EQ(items[1], 160 * run);
    ASSERT_EQ(items[2], 160 * run);
  }
}

TEST(ProgramTest, StopsAtABorder) {
  Fixture fixture(1);
  Program program(*fixture.manifest, {kRecord, 3}, fixture.buffers,
                  *fixture.pool, false);
  CancelFlag own, shared;
  raiseIn1 = &shared;
  EXPECT_FALSE(program.run(1, 1, own, &shared));
  EXPECT_EQ(calls.size(), 2u);
  raiseIn1 = nullptr;
  calls.clear();
  EXPECT_FALSE(program.run(1, 1, own, &shared));
  EXPECT_TRUE(calls.empty());
  shared.reset();
  own.request();
  EXPECT_FALSE(program.run(1, 1, own, nullptr));
  own.reset();
  EXPECT_TRUE(program.run(1, 1, own, nullptr));
  EXPECT_EQ(calls.size(), 3u);
}

TEST(ProgramTest, ProfilesFromTheCostsOfTheManifest) {
  Fixture fixture(2);
  Program program(*fixture.manifest, {kCount, 3}, fixture.buffers,
                  *fixture.pool, true);
  CancelFlag cancel;
  program.run(5, 2, cancel, nullptr);
  program.run(5, 0, cancel, nullptr);
  auto profile = program.profile();
  ASSERT_EQ(profile.size(), 3u);
  EXPECT_EQ(profile[0].op, "op0");
  EXPECT_EQ(profile[0].kernel, "kernel_0");
  EXPECT_EQ(profile[0].calls, 2u);
  EXPECT_EQ(profile[0].bytes, 2u * (1000 + 5 * 10));
  EXPECT_EQ(profile[0].operations, 2u * 5 * 7);
  // Each of the 5 rows is at position 3 and sees 4 keys.
  EXPECT_EQ(profile[1].bytes, 2u * (1000 + 5 * 10 + 20 * 100));
  EXPECT_EQ(profile[2].calls, 1u);
  EXPECT_EQ(profile[2].bytes, 1000u + 2 * 10);
  EXPECT_GT(profile[0].nanoseconds, 0u);
  program.resetProfile();
  EXPECT_EQ(program.profile()[0].calls, 0u);
}

TEST(ProgramTest, TracesWhatEachThreadDid) {
  Fixture fixture(2);
  Program program(*fixture.manifest, {kCount, 3}, fixture.buffers,
                  *fixture.pool, false);
  CancelFlag cancel;
  program.run(64, 1, cancel, nullptr);
  EXPECT_TRUE(program.trace().empty());
  program.setTracing(true);
  // Only the last forward is kept; without rows of logits it has two steps.
  program.run(64, 1, cancel, nullptr);
  program.run(64, 0, cancel, nullptr);
  auto trace = program.trace();
  ASSERT_GE(trace.size(), 2u);
  EXPECT_LE(trace.size(), 4u);
  EXPECT_EQ(trace[0].dispatch, 0u);
  uint64_t endOf0 = 0;
  for (const DispatchEvent &event : trace) {
    EXPECT_LT(event.dispatch, 2u);
    EXPECT_LT(event.thread, 2u);
    EXPECT_LE(event.begin, event.end);
    if (event.dispatch == 0) {
      endOf0 = std::max(endOf0, event.end);
    } else {
      // After the barrier.
      EXPECT_GE(event.begin, endOf0);
    }
  }
  program.setTracing(false);
  EXPECT_TRUE(program.trace().empty());
  program.run(64, 1, cancel, nullptr);
  EXPECT_TRUE(program.trace().empty());
}

static int roundingInKernel = -1;
static void seeRounding(void *const *, const int64_t *, int64_t, int64_t) {
  roundingInKernel = std::fegetround();
}

// A host program that rounds upward gets the same bits as any other.
TEST(ProgramTest, KernelsRunInTheDefaultEnvironment) {
  Fixture fixture(1);
  const Kernel kernels[] = {seeRounding, seeRounding, seeRounding};
  Program program(*fixture.manifest, {kernels, 3}, fixture.buffers,
                  *fixture.pool, false);
  CancelFlag cancel;
  std::fesetround(FE_UPWARD);
  program.run(1, 1, cancel, nullptr);
  int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  EXPECT_EQ(roundingInKernel, FE_TONEAREST);
  EXPECT_EQ(after, FE_UPWARD);
}
