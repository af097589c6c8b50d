//===- KvCache.h - Keys and values of a session -----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_EXEC_KVCACHE_H
#define GEMMA_RUNTIME_EXEC_KVCACHE_H

#include "runtime/artifact/ManifestView.h"
#include "runtime/core/Mapping.h"
#include "runtime/core/Result.h"
#include "runtime/gemma.h"

#include <cstdint>
#include <vector>

namespace gemma {

/// Where the keys and values of one layer lie.
struct KvLayer {
  /// Positions of a slot that are kept, a multiple of 64: row p mod capacity
  /// belongs to position p.
  uint64_t capacity = 0;
  /// Only the last `window` positions are needed; 0 = all.
  uint32_t window = 0;
  /// Offsets in the cache, in bytes. Keys and values are [slots][heads] of the
  /// same size each; how they lie in it is between the kernels.
  uint64_t keys = 0, values = 0;
};

/// The layers of a cache for a number of slots.
struct KvLayout {
  std::vector<KvLayer> layers;
  uint64_t bytes = 0;

  /// A layer that needs all positions keeps `context` of them. One with a
  /// window keeps that many and max_rows more, since a forward writes all its
  /// rows before the first of them looks back. Errors: Resource (more than can
  /// be addressed).
  static Result<KvLayout> plan(const artifact::Manifest &manifest,
                               uint32_t context, uint32_t slots);
};

/// The memory, zero at first, and which positions each slot holds.
class KvCache {
public:
  /// Errors: Resource.
  static Result<KvCache> create(KvLayout layout, uint32_t slots);

  size_t size() const { return layout.layers.size(); }
  /// Bytes of memory that were asked of the system for it.
  uint64_t bytes() const { return memory.size(); }
  uint64_t capacity(size_t layer) const {
    return layout.layers[layer].capacity;
  }
  void *keys(size_t layer) const {
    return memory.data() + layout.layers[layer].keys;
  }
  void *values(size_t layer) const {
    return memory.data() + layout.layers[layer].values;
  }

  /// Positions [0, length) of a slot are held.
  uint32_t length(uint32_t slot) const { return slots[slot].length; }
  /// Whether a run of rows may start at `position`: all that it looks back to
  /// is held. Errors: InvalidUsage.
  Result<void> checkStart(uint32_t slot, uint32_t position) const;
  /// Positions [begin, end) of a slot are being written.
  void beginWrite(uint32_t slot, uint32_t begin, uint32_t end);
  /// They are written.
  void endWrite(uint32_t slot, uint32_t end) { slots[slot].length = end; }

private:
  struct Slot {
    uint32_t length = 0;
    /// End of what was written since the sequence began: a layer with a window
    /// has lost what lies more than its capacity before it.
    uint32_t highest = 0;
  };

  KvLayout layout;
  Mapping memory;
  std::vector<Slot> slots;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_EXEC_KVCACHE_H
