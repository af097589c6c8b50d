//===- FloatConversion.cpp - Elements of tensors as f32 -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/FloatConversion.h"

#include <cstring>

using namespace gemma;

void gemma::convertF32(const char *data, int64_t count, float *out) {
  std::memcpy(out, data, static_cast<size_t>(count) * sizeof(float));
}

void gemma::convertBf16(const char *data, int64_t count, float *out) {
  for (int64_t i = 0; i < count; ++i) {
    uint16_t half;
    std::memcpy(&half, data + 2 * i, sizeof(half));
    uint32_t bits = static_cast<uint32_t>(half) << 16;
    std::memcpy(out + i, &bits, sizeof(bits));
  }
}

void gemma::convertF16(const char *data, int64_t count, float *out) {
  for (int64_t i = 0; i < count; ++i) {
    uint16_t half;
    std::memcpy(&half, data + 2 * i, sizeof(half));
    // Exponent and fraction in their f32 places stand for the value times
    // 2^-112, subnormals too, as a product by a power of two is exact.
    uint32_t shifted = static_cast<uint32_t>(half & 0x7fff) << 13;
    float value;
    std::memcpy(&value, &shifted, sizeof(value));
    value *= 0x1p112f;
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    // Infinity and NaN have the largest exponent in f32 as well.
    uint32_t isSpecial = (half & 0x7c00) == 0x7c00;
    bits |= isSpecial * 0x7f800000u;
    bits |= static_cast<uint32_t>(half & 0x8000) << 16;
    std::memcpy(out + i, &bits, sizeof(bits));
  }
}
