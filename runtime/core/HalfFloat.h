//===- HalfFloat.h - f16 to f32 and back ------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_HALFFLOAT_H
#define GEMMA_RUNTIME_CORE_HALFFLOAT_H

#include <cstdint>
#include <cstring>

namespace gemma {

/// Values from here on round to infinity in f16: half a unit above the largest
/// finite one, 65504.
constexpr float kHalfLimit = 65520.0f;

/// f16 nearest to `value`, ties to even; infinity from kHalfLimit on, NaN stays
/// NaN. In integers but for one sum, which is exact on every CPU.
inline uint16_t toHalf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  uint32_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) {
    return static_cast<uint16_t>(sign | 0x7e00);
  }
  if (bits >= 0x477ff000) {
    return static_cast<uint16_t>(sign | 0x7c00);
  }
  if (bits < 0x38800000) {
    // Below 2^-14 f16 counts in 2^-24, as f32 does from 0.5 on: the sum rounds.
    float magnitude;
    std::memcpy(&magnitude, &bits, sizeof bits);
    magnitude += 0.5f;
    std::memcpy(&bits, &magnitude, sizeof bits);
    return static_cast<uint16_t>(sign | (bits - 0x3f000000));
  }
  // Another bias of the exponent, and nearest even of the 13 bits that go.
  bits += 0xc8000fff + (bits >> 13 & 1);
  return static_cast<uint16_t>(sign | bits >> 13);
}

/// The value of an f16, exactly; infinity and NaN stay what they are.
inline float fromHalf(uint16_t half) {
  uint32_t bits = static_cast<uint32_t>(half & 0x7fff) << 13;
  if (bits >= 0x0f800000) {
    bits += 0x70000000;
  } else if (bits >= 0x00800000) {
    bits += 0x38000000;
  } else {
    // A subnormal: as the fraction of 2^-14, less that 2^-14.
    bits += 0x38800000;
    float value;
    std::memcpy(&value, &bits, sizeof bits);
    value -= 0x1p-14f;
    std::memcpy(&bits, &value, sizeof bits);
  }
  bits |= static_cast<uint32_t>(half & 0x8000) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_HALFFLOAT_H
