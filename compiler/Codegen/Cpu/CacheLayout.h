//===- CacheLayout.h - How keys and values lie in a KV cache ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_CACHELAYOUT_H
#define GEMMA_COMPILER_CODEGEN_CPU_CACHELAYOUT_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"

namespace mlir::gemma {

/// Keys that lie together: two vectors of 16.
inline constexpr int64_t kKeyPanel = 2 * kLanes;

/// Keys that attention takes in one step, at a multiple of their number, and
/// whose values lie together. A cache's capacity is a multiple of it.
inline constexpr int64_t kKeyBlock = 64;

/// Where the keys and values of one layer lie. With g = 2 for bf16 (pairs, as
/// vdpbf16ps reads them) and 1 for f32 and i8:
///
/// * keys `[slots][heads][capacity / 32][head_dim / g][32][g]`,
/// * values `[slots][heads][capacity / 64][head_dim / 16][64 / g][16][g]`, the
///   last vector of channels narrower if head_dim is no multiple of 16,
///
/// so that both are read from front to back. With i8, every panel of 32 keys
/// and every block of 64 values is followed by as many f32 scales.
class CacheLayout {
public:
  /// `head` of `slot`. A bf16 cache has an even head_dim.
  CacheLayout(KernelBuilder &kernel, const KernelCache &cache, KvCacheType type,
              Value slot, Value head);

  /// Consecutive channels of a key that lie together: 2 for bf16, else 1.
  int64_t getGroup() const { return type.getElement().isBF16() ? 2 : 1; }
  bool hasScales() const { return type.getElement().isInteger(8); }

  /// The keys and the values as flat buffers.
  Value getKeys() const { return keys; }
  Value getValues() const { return values; }
  /// Where the panel of 32 keys starts that holds `place`, its first key.
  Value getKeyPanel(Value place) const;
  /// Where the block of 64 values starts that holds `place`, its first value.
  Value getValueBlock(Value place) const;
  /// Where, in a block of values, those of the 16 channels from `channel` on
  /// start.
  Value getValueColumn(Value channel) const;
  /// Scales of the panel's keys from `key` (of 32) on, of the block's values
  /// from `key` (of 64) on: 16 f32.
  Value loadKeyScales(Value panel, Value key) const;
  Value loadValueScales(Value block, Value key) const;

  /// Stores f32 values of channels [channel, channel + lanes) of the key or
  /// value at `place`, rounded: a whole vector of channels from a multiple of
  /// 16 on, which is narrower than 16 only at the end. Not for i8.
  void storeKeyPart(Value place, Value channel, Value part) const;
  void storeValuePart(Value place, Value channel, Value part) const;
  /// Stores the whole key or value that `load(channel, lanes)` gives.
  using Load = llvm::function_ref<Value(Value channel, int64_t lanes)>;
  void storeKey(Value place, Load load) const;
  void storeValue(Value place, Load load) const;

private:
  int64_t getPanelSize() const;
  int64_t getBlockSize() const;
  Value loadScales(Value buffer, Value at) const;
  void storeScale(Value buffer, Value at, Value scale) const;
  /// The scale of a row and what to multiply it by.
  std::pair<Value, Value> getScale(Load load) const;
  /// The lanes of an f32 vector as i8, rounded to nearest even.
  Value quantize(Value part, Value inverse) const;

  KernelBuilder &kernel;
  KvCacheType type;
  Value keys;
  Value values;
  Value base;
};

/// Checks that code generation has a layout for the cache of `op`: head_dim is
/// even in a bf16 cache.
LogicalResult verifyCacheLayout(Operation *op, KvCacheType type);

/// Stores 16 f32 channels, from `channel` (a multiple of 16) on, of one row's
/// key or value into `head` of `slot` at `place`, which is the row's position
/// mod capacity. For bf16 and f32 caches.
void storeKey(KernelBuilder &kernel, const KernelCache &cache, KvCacheType type,
              Value slot, Value place, Value head, Value channel, Value lanes);
void storeValue(KernelBuilder &kernel, const KernelCache &cache,
                KvCacheType type, Value slot, Value place, Value head,
                Value channel, Value lanes);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_CACHELAYOUT_H
