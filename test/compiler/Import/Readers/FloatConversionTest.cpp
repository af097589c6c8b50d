//===- FloatConversionTest.cpp - Tests of FloatConversion.cpp -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/FloatConversion.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <vector>

using namespace gemma;

static std::vector<char> allHalves() {
  std::vector<char> bytes(2 * 65536 + 1);
  for (uint32_t i = 0; i < 65536; ++i) {
    bytes[1 + 2 * i] = static_cast<char>(i); // odd address: not aligned
    bytes[2 + 2 * i] = static_cast<char>(i >> 8);
  }
  return bytes;
}

TEST(FloatConversionTest, EveryF16IsExact) {
  std::vector<char> bytes = allHalves();
  std::vector<float> out(65536);
  convertF16(bytes.data() + 1, 65536, out.data());
  for (int i = 0; i < 65536; ++i) {
    int sign = i >> 15, exponent = i >> 10 & 31, fraction = i & 1023;
    if (exponent == 31 && fraction) {
      EXPECT_TRUE(std::isnan(out[i])) << i;
      continue;
    }
    double value = exponent == 31  ? HUGE_VAL
                   : exponent == 0 ? std::ldexp(fraction, -24)
                                   : std::ldexp(1024 + fraction, exponent - 25);
    EXPECT_EQ(out[i], static_cast<float>(sign ? -value : value)) << i;
    EXPECT_EQ(std::signbit(out[i]), sign != 0) << i;
  }
}

TEST(FloatConversionTest, EveryBf16IsTheUpperHalf) {
  std::vector<char> bytes = allHalves();
  std::vector<float> out(65536);
  convertBf16(bytes.data() + 1, 65536, out.data());
  for (uint32_t i = 0; i < 65536; ++i) {
    uint32_t bits;
    std::memcpy(&bits, &out[i], 4);
    EXPECT_EQ(bits, i << 16);
  }
}

TEST(FloatConversionTest, F32IsCopied) {
  char bytes[9] = {0, 0, 0, '\x80', '\x3f', 0, 0, 0, '\xc0'};
  float out[2];
  convertF32(bytes + 1, 2, out);
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_EQ(out[1], -2.0f);
}
