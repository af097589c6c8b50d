//===- HalfFloatTest.cpp - f16 to f32 and back ----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/HalfFloat.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

using namespace gemma;

/// By the definition of the format.
static double valueOf(uint16_t half) {
  int exponent = half >> 10 & 31, fraction = half & 1023;
  double magnitude = exponent == 0 ? std::ldexp(fraction, -24)
                                   : std::ldexp(1024 + fraction, exponent - 25);
  return half & 0x8000 ? -magnitude : magnitude;
}

TEST(HalfFloatTest, EveryFiniteValueIsExactAndComesBack) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    if ((half & 0x7c00) == 0x7c00) {
      continue;
    }
    float value = fromHalf(static_cast<uint16_t>(half));
    ASSERT_EQ(value, valueOf(static_cast<uint16_t>(half))) << half;
    ASSERT_EQ(std::signbit(value), half >= 0x8000);
    ASSERT_EQ(toHalf(value), half);
  }
}

TEST(HalfFloatTest, RoundsToNearestEven) {
  for (uint32_t half = 0; half < 0x7bff; ++half) {
    auto low = static_cast<uint16_t>(half),
         high = static_cast<uint16_t>(half + 1);
    auto middle = static_cast<float>((valueOf(low) + valueOf(high)) / 2);
    ASSERT_EQ(toHalf(middle), half % 2 == 0 ? low : high) << half;
    ASSERT_EQ(toHalf(std::nextafter(middle, 0.0f)), low) << half;
    ASSERT_EQ(toHalf(std::nextafter(middle, 1e6f)), high) << half;
    ASSERT_EQ(toHalf(-middle), toHalf(middle) | 0x8000);
  }
}

TEST(HalfFloatTest, SpecialValues) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(toHalf(std::nextafter(kHalfLimit, 0.0f)), 0x7bff);
  EXPECT_EQ(toHalf(kHalfLimit), 0x7c00);
  EXPECT_EQ(toHalf(-kHalfLimit), 0xfc00);
  EXPECT_EQ(toHalf(std::numeric_limits<float>::max()), 0x7c00);
  EXPECT_EQ(toHalf(kInfinity), 0x7c00);
  EXPECT_EQ(toHalf(std::numeric_limits<float>::denorm_min()), 0);
  EXPECT_EQ(toHalf(-0.0f), 0x8000);
  EXPECT_EQ(toHalf(std::nanf("")) & 0x7c00, 0x7c00);
  EXPECT_NE(toHalf(std::nanf("")) & 0x3ff, 0);
  EXPECT_EQ(fromHalf(0x7c00), kInfinity);
  EXPECT_EQ(fromHalf(0xfc00), -kInfinity);
  EXPECT_TRUE(std::isnan(fromHalf(0x7e00)));
  EXPECT_TRUE(std::isnan(fromHalf(0xfc01)));
}
