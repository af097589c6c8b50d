//===- MemoryPlanTest.cpp - What a session needs --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/MemoryPlan.h"

#include "../TestingArtifact.h"
#include "runtime/artifact/Reader.h"
#include "runtime/core/Threads.h"
#include "runtime/exec/KvCache.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

static Artifact opened(TestArtifact artifact) {
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  return std::move(*Artifact::open(file.path()));
}

TEST(MemoryPlanTest, ZeroStandsForDefaults) {
  Artifact artifact = opened(TestArtifact::make());
  Result<SessionOptions> options =
      resolveOptions(artifact.manifest(), SessionOptions());
  ASSERT_TRUE(options);
  EXPECT_EQ(options->context, kContext);
  EXPECT_EQ(options->slots, 1u);
  EXPECT_EQ(options->outRows, 1u);
  EXPECT_EQ(options->threads, availableCpus());
  SessionOptions many;
  many.slots = 100;
  EXPECT_EQ(resolveOptions(artifact.manifest(), many)->outRows, kMaxRows);
}

TEST(MemoryPlanTest, RefusesOptionsOutOfRange) {
  Artifact artifact = opened(TestArtifact::make());
  auto refused = [&](auto edit, const char *what) {
    SessionOptions options;
    edit(options);
    Result<SessionOptions> result =
        resolveOptions(artifact.manifest(), options);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::InvalidUsage);
    EXPECT_EQ(result.error().message.find(what), 0u) << result.error().message;
  };
  refused([](SessionOptions &o) { o.context = kContext + 1; },
          "context: expected 1 to 128, found 129");
  refused([](SessionOptions &o) { o.slots = 0; }, "slots: expected 1 to");
  refused([](SessionOptions &o) { o.slots = 1 << 17; }, "slots: expected 1 to");
  refused([](SessionOptions &o) { o.outRows = kMaxRows + 1; },
          "rows of logits: expected 1 to 8, found 9");
  refused([](SessionOptions &o) { o.threads = 5000; },
          "threads: expected 1 to 1024, found 5000");
}

TEST(MemoryPlanTest, CountsEveryByte) {
  Artifact artifact = opened(TestArtifact::make());
  SessionOptions options;
  options.slots = 3;
  options.context = 33;
  options.outRows = 5;
  options = *resolveOptions(artifact.manifest(), options);
  MemoryPlan plan = *planMemory(artifact.manifest(), options);
  EXPECT_EQ(plan.weights, 5632u);
  EXPECT_EQ(plan.arena, 1024u);
  EXPECT_EQ(plan.kvCache, 2u * 3 * 64 * kHidden * 4);
  EXPECT_EQ(plan.logits, 5u * kVocab * 4);
  EXPECT_EQ(plan.inputs, 4u * 64);
  EXPECT_EQ(plan.total(), plan.weights + plan.session());
}

namespace {
/// The caches of a model: all but every `period`th layer see a window.
struct Family {
  const char *name;
  uint32_t period, window, heads, headDim;
};
} // namespace

/// Two periods of a family and a layer more, as a manifest.
static flatbuffers::DetachedBuffer
manifestOf(const Family &family, uint32_t elementBytes, uint32_t maxRows) {
  artifact::ManifestT manifest;
  manifest.max_rows = maxRows;
  manifest.model = std::make_unique<artifact::ModelT>();
  manifest.model->vocab = 100;
  manifest.model->context = 1 << 17;
  for (uint32_t layer = 1; layer <= 2 * family.period + 1; ++layer) {
    auto cache = std::make_unique<artifact::KvCacheT>();
    cache->heads = family.heads;
    cache->head_dim = family.headDim;
    cache->element_bytes = elementBytes;
    cache->window = layer % family.period == 0 ? 0 : family.window;
    manifest.kv_caches.push_back(std::move(cache));
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(artifact::Manifest::Pack(builder, &manifest));
  return builder.Release();
}

/// Bytes by the formula: keys and values of every layer, of a head as many
/// elements as it has channels and, of int8, a scale.
static uint64_t cacheBytes(const Family &family, uint64_t elementBytes,
                           uint64_t maxRows, uint64_t context, uint64_t slots) {
  auto inBlocks = [](uint64_t rows) { return (rows + 63) / 64 * 64; };
  uint64_t rows = 0;
  for (uint32_t layer = 1; layer <= 2 * family.period + 1; ++layer) {
    uint64_t kept = inBlocks(context);
    bool isLocal = family.window != 0 && layer % family.period != 0;
    rows += isLocal ? std::min(kept, inBlocks(family.window + maxRows)) : kept;
  }
  uint64_t row = family.headDim * elementBytes + (elementBytes == 1 ? 4 : 0);
  return 2 * slots * rows * family.heads * row;
}

/// The bytes of keys and values lie in the memory, apart and without a rest.
static void expectFilled(const KvCache &cache, uint64_t slots,
                         const Family &family, uint64_t elementBytes) {
  uint64_t row = family.headDim * elementBytes + (elementBytes == 1 ? 4 : 0);
  auto *next = static_cast<unsigned char *>(cache.keys(0));
  const unsigned char *end = next + cache.bytes();
  for (size_t layer = 0; layer < cache.size(); ++layer) {
    uint64_t bytes = slots * cache.capacity(layer) * family.heads * row;
    for (void *part : {cache.keys(layer), cache.values(layer)}) {
      ASSERT_EQ(part, next);
      next[0] = next[bytes - 1] = 1; // memory of its own
      next += bytes;
    }
  }
  EXPECT_EQ(next, end);
}

// Of the shapes of 2B and 1B, for each element that a cache may have.
TEST(MemoryPlanTest, TheCacheTakesWhatThePlanSays) {
  constexpr uint32_t kRows = 512;
  for (const Family &family :
       {Family{"gemma", 1, 0, 1, 256}, Family{"gemma2", 2, 4096, 4, 256},
        Family{"gemma3", 6, 512, 1, 256}}) {
    for (uint32_t elementBytes : {4, 2, 1}) {
      flatbuffers::DetachedBuffer buffer =
          manifestOf(family, elementBytes, kRows);
      const auto &manifest =
          *flatbuffers::GetRoot<artifact::Manifest>(buffer.data());
      // Below a window, at its edge, where a ring is full, far beyond.
      for (uint32_t context : {100, 512, 1025, 5000, 32768}) {
        SCOPED_TRACE(std::string(family.name) + ", " +
                     std::to_string(elementBytes) + " bytes, context " +
                     std::to_string(context));
        SessionOptions options;
        options.context = context;
        options.slots = context > 5000 ? 1 : 3;
        options = *resolveOptions(manifest, options);
        MemoryPlan plan = *planMemory(manifest, options);
        EXPECT_EQ(plan.kvCache, cacheBytes(family, elementBytes, kRows, context,
                                           options.slots));
        Result<KvCache> cache = KvCache::create(
            *KvLayout::plan(manifest, context, options.slots), options.slots);
        ASSERT_TRUE(cache) << cache.error().message;
        EXPECT_EQ(cache->bytes(), plan.kvCache);
        expectFilled(*cache, options.slots, family, elementBytes);
      }
    }
  }
}

TEST(MemoryPlanTest, AStubNeedsItsFilledWeights) {
  Artifact artifact = opened(TestArtifact::makeStub());
  EXPECT_EQ(filledBytes(artifact.manifest()), 2560u);
  SessionOptions options =
      *resolveOptions(artifact.manifest(), SessionOptions());
  EXPECT_EQ(planMemory(artifact.manifest(), options)->weights, 5632u);
}
