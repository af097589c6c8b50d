//===- EncodingTest.cpp - Sizes of encoded weights ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Encoding.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

using namespace gemma;

static std::optional<uint64_t> bytes(WeightLayout layout,
                                     std::vector<uint64_t> shape) {
  return encodedBytes(layout, shape);
}

TEST(EncodingTest, KnowsThreeLayouts) {
  EXPECT_EQ(weightLayout("f32", 0), WeightLayout::F32Rows);
  EXPECT_EQ(weightLayout("f32", 16), WeightLayout::F32Panel);
  EXPECT_EQ(weightLayout("bf16", 16), WeightLayout::Bf16Panel);
  EXPECT_FALSE(weightLayout("bf16", 0));
  EXPECT_FALSE(weightLayout("f32", 8));
  EXPECT_FALSE(weightLayout("", 0));
}

TEST(EncodingTest, SizesIncludePadding) {
  EXPECT_EQ(bytes(WeightLayout::F32Rows, {3, 2, 5}), 120u);
  EXPECT_EQ(bytes(WeightLayout::F32Panel, {17, 5}), 2u * 5 * 16 * 4);
  EXPECT_EQ(bytes(WeightLayout::Bf16Panel, {17, 5}), 2u * 3 * 16 * 4);
}

TEST(EncodingTest, RefusesOtherRanksAndOverflow) {
  EXPECT_FALSE(bytes(WeightLayout::F32Panel, {16}));
  EXPECT_FALSE(bytes(WeightLayout::Bf16Panel, {1, 2, 3}));
  uint64_t big = uint64_t(1) << 32;
  EXPECT_FALSE(bytes(WeightLayout::F32Rows, {big, big}));
  EXPECT_FALSE(bytes(WeightLayout::F32Panel, {big, big}));
  EXPECT_FALSE(bytes(WeightLayout::Bf16Panel,
                     {std::numeric_limits<uint64_t>::max(), big}));
}

TEST(EncodingTest, RoundsToNearestEven) {
  EXPECT_EQ(toBf16(1.0f), 0x3f80);
  EXPECT_EQ(toBf16(1.0f + 0x1p-8f), 0x3f80);            // tie, to even
  EXPECT_EQ(toBf16(1.0f + 0x1p-7f + 0x1p-8f), 0x3f82);  // tie, to even
  EXPECT_EQ(toBf16(1.0f + 0x1p-8f + 0x1p-20f), 0x3f81); // above the tie
  EXPECT_EQ(toBf16(-2.0f), 0xc000);
  EXPECT_EQ(toBf16(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_EQ(toBf16(std::numeric_limits<float>::infinity()), 0x7f80);
}

TEST(EncodingTest, NanStaysNan) {
  uint32_t bits = 0x7f800001;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  EXPECT_EQ(toBf16(value) & 0x7f80, 0x7f80);
  EXPECT_NE(toBf16(value) & 0x7f, 0);
  EXPECT_NE(toBf16(std::nanf("")) & 0x7f, 0);
}
