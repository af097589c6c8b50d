//===- RandomWeights.h - Weights drawn from a seed -------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One definition for the compiler, which writes such weights into an
// artifact, and the runtime, which fills a stub artifact with them: both must
// draw the same values.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_RANDOMWEIGHTS_H
#define GEMMA_RUNTIME_CORE_RANDOMWEIGHTS_H

#include <cstdint>
#include <string_view>

namespace gemma {

/// Columns drawn together: a value depends on (seed, name, row, column / 16,
/// column mod 16) and on nothing else.
constexpr int64_t kRandomBlock = 16;

/// Draws the weights of one tensor.
class RandomWeights {
public:
  /// Uniform values in [-bound, bound) for the tensor `name`.
  RandomWeights(uint64_t seed, std::string_view name, double bound)
      : key(mix(seed ^ hash(name))), scale(static_cast<float>(bound)) {}

  /// Writes columns [16 * block, 16 * block + 16) of `row`.
  void block(int64_t row, int64_t block, float out[kRandomBlock]) const {
    uint64_t state = mix(key + static_cast<uint64_t>(row) * kRowStep +
                         static_cast<uint64_t>(block) * kBlockStep);
    for (int64_t i = 0; i < kRandomBlock; i += 2) {
      state += kGolden;
      uint64_t bits = mix(state);
      out[i] = unit(static_cast<uint32_t>(bits)) * scale;
      out[i + 1] = unit(static_cast<uint32_t>(bits >> 32)) * scale;
    }
  }

private:
  static constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;
  static constexpr uint64_t kRowStep = 0xd1342543de82ef95;
  static constexpr uint64_t kBlockStep = 0xaf251af3b0f025b5;

  /// Finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  /// FNV-1a.
  static uint64_t hash(std::string_view name) {
    uint64_t value = 0xcbf29ce484222325;
    for (char c : name) {
      value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    }
    return value;
  }

  /// A float in [-1, 1) with 24 bits, exact in f32.
  static float unit(uint32_t bits) {
    return static_cast<float>(static_cast<int32_t>(bits >> 8) - (1 << 23)) *
           (1.0f / (1 << 23));
  }

  uint64_t key;
  float scale;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_RANDOMWEIGHTS_H
