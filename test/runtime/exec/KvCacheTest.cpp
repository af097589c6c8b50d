//===- KvCacheTest.cpp - Keys and values of a session ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/KvCache.h"

#include "../TestingArtifact.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

namespace {
/// A manifest of layers with the given windows.
struct Layers {
  flatbuffers::FlatBufferBuilder builder;
  const artifact::Manifest *manifest;

  explicit Layers(std::vector<uint32_t> windows, uint32_t maxRows = 8,
                  uint32_t elementBytes = 2) {
    artifact::ManifestT manifestT;
    manifestT.max_rows = maxRows;
    for (uint32_t window : windows) {
      auto cache = std::make_unique<artifact::KvCacheT>();
      cache->heads = 3;
      cache->head_dim = 5;
      cache->element_bytes = elementBytes;
      cache->window = window;
      manifestT.kv_caches.push_back(std::move(cache));
    }
    builder.Finish(artifact::Manifest::Pack(builder, &manifestT));
    manifest =
        flatbuffers::GetRoot<artifact::Manifest>(builder.GetBufferPointer());
  }
};
} // namespace

TEST(KvCacheTest, CapacityIsTheContextInBlocks) {
  Layers layers({0});
  for (auto [context, capacity] : {std::pair<uint32_t, uint64_t>{1, 64},
                                   {64, 64},
                                   {65, 128},
                                   {8192, 8192}}) {
    Result<KvLayout> layout = KvLayout::plan(*layers.manifest, context, 1);
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->layers[0].capacity, capacity);
  }
}

TEST(KvCacheTest, ALocalLayerKeepsItsWindowAndAForward) {
  Layers layers({0, 100, 4096});
  Result<KvLayout> layout = KvLayout::plan(*layers.manifest, 1000, 2);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->layers[0].capacity, 1024u);
  EXPECT_EQ(layout->layers[1].capacity, 128u);
  EXPECT_EQ(layout->layers[2].capacity, 1024u);
}

TEST(KvCacheTest, BuffersAreAlignedAndApart) {
  Layers layers({0, 8, 0}, 1);
  Result<KvLayout> layout = KvLayout::plan(*layers.manifest, 40, 3);
  ASSERT_TRUE(layout);
  uint64_t end = 0;
  for (const KvLayer &layer : layout->layers) {
    uint64_t bytes = 3 * layer.capacity * 3 * 5 * 2;
    EXPECT_EQ(layer.keys % 64, 0u);
    EXPECT_EQ(layer.values % 64, 0u);
    EXPECT_GE(layer.keys, end);
    EXPECT_GE(layer.values, layer.keys + bytes);
    end = layer.values + bytes;
  }
  EXPECT_GE(layout->bytes, end);
  EXPECT_LT(layout->bytes, end + 64);
  Result<KvCache> cache = KvCache::create(std::move(*layout), 3);
  ASSERT_TRUE(cache);
  for (size_t layer = 0; layer < cache->size(); ++layer) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(cache->keys(layer)) % 64, 0u);
    const auto *values =
        static_cast<const unsigned char *>(cache->values(layer));
    EXPECT_EQ(values[0], 0);
  }
}

TEST(KvCacheTest, AnI8RowHasAScale) {
  Layers layers({0}, 8, 1);
  Result<KvLayout> layout = KvLayout::plan(*layers.manifest, 100, 2);
  ASSERT_TRUE(layout);
  uint64_t bytes = 2 * 128 * 3 * (5 + 4);
  EXPECT_EQ(layout->layers[0].values, bytes);
  EXPECT_EQ(layout->bytes, 2 * bytes);
}

TEST(KvCacheTest, NoMemoryIsAResource) {
  artifact::ManifestT manifest;
  manifest.max_rows = 1;
  for (int i = 0; i < 64; ++i) {
    auto cache = std::make_unique<artifact::KvCacheT>();
    cache->heads = 4096;
    cache->head_dim = 8192;
    cache->element_bytes = 4;
    manifest.kv_caches.push_back(std::move(cache));
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(artifact::Manifest::Pack(builder, &manifest));
  const auto *packed =
      flatbuffers::GetRoot<artifact::Manifest>(builder.GetBufferPointer());
  Result<KvLayout> layout = KvLayout::plan(*packed, 1 << 24, 1 << 16);
  ASSERT_FALSE(layout);
  EXPECT_EQ(layout.error().code, ErrorCode::Resource);
  layout = KvLayout::plan(*packed, 1 << 24, 16);
  ASSERT_TRUE(layout);
  Result<KvCache> cache = KvCache::create(std::move(*layout), 16);
  ASSERT_FALSE(cache);
  EXPECT_EQ(cache.error().code, ErrorCode::Resource);
}

static KvCache cacheOf(std::vector<uint32_t> windows) {
  Layers layers(std::move(windows));
  return std::move(*KvCache::create(
      std::move(*KvLayout::plan(*layers.manifest, 1000, 2)), 2));
}

static void write(KvCache &cache, uint32_t slot, uint32_t begin, uint32_t end) {
  cache.beginWrite(slot, begin, end);
  cache.endWrite(slot, end);
}

TEST(KvCacheTest, SlotsMayGoBackButLeaveNoHole) {
  KvCache cache = cacheOf({0});
  EXPECT_TRUE(cache.checkStart(0, 0));
  EXPECT_FALSE(cache.checkStart(0, 1));
  write(cache, 0, 0, 500);
  EXPECT_EQ(cache.length(0), 500u);
  EXPECT_EQ(cache.length(1), 0u);
  EXPECT_TRUE(cache.checkStart(0, 500));
  EXPECT_TRUE(cache.checkStart(0, 1));
  EXPECT_FALSE(cache.checkStart(0, 501));
  EXPECT_FALSE(cache.checkStart(1, 1));
  write(cache, 0, 100, 101);
  EXPECT_EQ(cache.length(0), 101u);
  EXPECT_EQ(cache.checkStart(0, 102).error().code, ErrorCode::InvalidUsage);
}

TEST(KvCacheTest, AnUnfinishedWriteCountsForNothing) {
  KvCache cache = cacheOf({0});
  write(cache, 0, 0, 50);
  cache.beginWrite(0, 40, 60);
  EXPECT_EQ(cache.length(0), 40u);
}

// Window 20, capacity 64: after position 999 the layer holds 936 … 999.
TEST(KvCacheTest, AWindowForgets) {
  KvCache cache = cacheOf({0, 20});
  ASSERT_EQ(cache.capacity(1), 64u);
  for (uint32_t position = 0; position < 1000; position += 8) {
    ASSERT_TRUE(cache.checkStart(0, position));
    write(cache, 0, position, position + 8);
  }
  EXPECT_TRUE(cache.checkStart(0, 1000));
  EXPECT_TRUE(cache.checkStart(0, 955));
  EXPECT_FALSE(cache.checkStart(0, 954));
  EXPECT_FALSE(cache.checkStart(0, 1));
  EXPECT_NE(cache.checkStart(0, 954).error().message.find("at least 955"),
            std::string::npos);
  // What is forgotten stays so until the sequence begins anew.
  write(cache, 0, 990, 991);
  EXPECT_FALSE(cache.checkStart(0, 954));
  EXPECT_TRUE(cache.checkStart(0, 0));
  write(cache, 0, 0, 8);
  EXPECT_TRUE(cache.checkStart(0, 3));
}
