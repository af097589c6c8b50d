//===- KvCache.cpp - Keys and values of a session -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/KvCache.h"

#include "runtime/core/Checked.h"

#include <algorithm>
#include <string>
#include <utility>

using namespace gemma;

/// Positions come in blocks of so many.
static constexpr uint64_t kKeyBlock = 64;

/// Bytes of one head's key, or value, of one position. One of i8 has an f32
/// scale.
static uint64_t rowBytes(const artifact::KvCache &cache) {
  uint64_t scale = cache.element_bytes() == 1 ? sizeof(float) : 0;
  return uint64_t(cache.head_dim()) * cache.element_bytes() + scale;
}

static uint64_t capacityOf(const artifact::KvCache &cache, uint32_t context,
                           uint32_t maxRows) {
  uint64_t all = alignUp(context, kKeyBlock);
  if (cache.window() == 0) {
    return all;
  }
  return std::min(all, alignUp(uint64_t(cache.window()) + maxRows, kKeyBlock));
}

Result<KvLayout> KvLayout::plan(const artifact::Manifest &manifest,
                                uint32_t context, uint32_t slots) {
  KvLayout layout;
  for (const artifact::KvCache *cache : each(manifest.kv_caches())) {
    uint64_t capacity = capacityOf(*cache, context, manifest.max_rows());
    std::optional<uint64_t> bytes =
        checkedProduct({slots, capacity, cache->heads(), rowBytes(*cache)});
    // Half of the address space leaves room to align and to add.
    std::optional<uint64_t> both =
        bytes ? checkedProduct({*bytes, 2}) : std::nullopt;
    std::optional<uint64_t> end =
        both ? checkedAdd(layout.bytes, *both) : std::nullopt;
    if (!end || *end > uint64_t(1) << 62) {
      return resourceError("KV cache: expected a size that memory can have, "
                           "found " +
                           std::to_string(slots) + " slots of " +
                           std::to_string(context) + " positions");
    }
    KvLayer layer;
    layer.capacity = capacity;
    layer.window = cache->window();
    layer.keys = layout.bytes;
    layer.values = alignUp(layer.keys + *bytes, kBufferAlignment);
    layout.bytes = alignUp(layer.values + *bytes, kBufferAlignment);
    layout.layers.push_back(layer);
  }
  return layout;
}

Result<KvCache> KvCache::create(KvLayout layout, uint32_t slots) {
  Result<Mapping> memory = Mapping::zeroed(layout.bytes, "KV cache");
  if (!memory) {
    return memory.takeError();
  }
  KvCache cache;
  cache.layout = std::move(layout);
  cache.memory = std::move(*memory);
  cache.slots.resize(slots);
  return cache;
}

Result<void> KvCache::checkStart(uint32_t slot, uint32_t position) const {
  const Slot &state = slots[slot];
  if (position > state.length) {
    return invalidUsage("position: expected at most " +
                        std::to_string(state.length) + ", what slot " +
                        std::to_string(slot) + " holds, found " +
                        std::to_string(position));
  }
  if (position == 0) {
    return {};
  }
  for (const KvLayer &layer : layout.layers) {
    if (layer.window == 0 || state.highest <= layer.capacity) {
      continue;
    }
    uint64_t kept = state.highest - layer.capacity;
    uint64_t needed =
        position >= layer.window ? position - layer.window + 1 : 0;
    if (needed < kept) {
      return invalidUsage("position: expected 0 or at least " +
                          std::to_string(kept + layer.window - 1) +
                          ", as a layer of slot " + std::to_string(slot) +
                          " has forgotten what is before, found " +
                          std::to_string(position));
    }
  }
  return {};
}

void KvCache::beginWrite(uint32_t slot, uint32_t begin, uint32_t end) {
  Slot &state = slots[slot];
  state.length = std::min(state.length, begin);
  state.highest = begin == 0 ? end : std::max(state.highest, end);
}
