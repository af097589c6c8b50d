//===- EncodingTest.cpp - Sizes of encoded weights ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Encoding.h"
#include "runtime/core/HalfFloat.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <vector>

using namespace gemma;

static std::optional<uint64_t> bytes(WeightLayout layout,
                                     std::vector<uint64_t> shape) {
  return encodedBytes(layout, shape);
}

TEST(EncodingTest, KnowsSixLayouts) {
  EXPECT_EQ(weightLayout("f32", 0), WeightLayout::F32Rows);
  EXPECT_EQ(weightLayout("f32", 16), WeightLayout::F32Panel);
  EXPECT_EQ(weightLayout("bf16", 16), WeightLayout::Bf16Panel);
  EXPECT_EQ(weightLayout("f16", 16), WeightLayout::F16Panel);
  EXPECT_EQ(weightLayout("q8_0", 16), WeightLayout::Q8Panel);
  EXPECT_EQ(weightLayout("q4_0", 16), WeightLayout::Q4Panel);
  EXPECT_FALSE(weightLayout("bf16", 0));
  EXPECT_FALSE(weightLayout("q8_0", 0));
  EXPECT_FALSE(weightLayout("q4_0", 8));
  EXPECT_FALSE(weightLayout("q4_1", 16));
  EXPECT_FALSE(weightLayout("f32", 8));
  EXPECT_FALSE(weightLayout("", 0));
}

TEST(EncodingTest, SizesIncludePadding) {
  EXPECT_EQ(bytes(WeightLayout::F32Rows, {3, 2, 5}), 120u);
  EXPECT_EQ(bytes(WeightLayout::F32Panel, {17, 5}), 2u * 5 * 16 * 4);
  EXPECT_EQ(bytes(WeightLayout::Bf16Panel, {17, 5}), 2u * 3 * 16 * 4);
  EXPECT_EQ(bytes(WeightLayout::F16Panel, {17, 5}), 2u * 5 * 16 * 2);
  EXPECT_EQ(bytes(WeightLayout::Q8Panel, {17, 5}), 2u * 1088);
  EXPECT_EQ(bytes(WeightLayout::Q8Panel, {16, 65}), 2u * 1088);
  EXPECT_EQ(bytes(WeightLayout::Q4Panel, {17, 64}), 2u * 576);
  EXPECT_EQ(panelBytes(WeightLayout::Q4Panel, 129), 3u * 576);
  EXPECT_EQ(panelBytes(WeightLayout::F32Rows, 7), 28u);
}

TEST(EncodingTest, RefusesOtherRanksAndOverflow) {
  EXPECT_FALSE(bytes(WeightLayout::F32Panel, {16}));
  EXPECT_FALSE(bytes(WeightLayout::Bf16Panel, {1, 2, 3}));
  uint64_t big = uint64_t(1) << 32;
  EXPECT_FALSE(bytes(WeightLayout::F32Rows, {big, big}));
  EXPECT_FALSE(bytes(WeightLayout::F32Panel, {big, big}));
  EXPECT_FALSE(bytes(WeightLayout::Bf16Panel,
                     {std::numeric_limits<uint64_t>::max(), big}));
  EXPECT_FALSE(bytes(WeightLayout::Q4Panel, {64}));
  EXPECT_FALSE(bytes(WeightLayout::Q8Panel, {big, big}));
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

TEST(EncodingTest, DecodesWhatItEncodes) {
  constexpr uint64_t kRows = 11, kColumns = 77;
  std::vector<float> values(kRows * kColumns);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = std::sin(static_cast<float>(i)) * 3;
  }
  auto check = [&](WeightLayout layout, auto expected, float tolerance) {
    std::vector<unsigned char> panel(panelBytes(layout, kColumns), 0xee);
    encodePanel(layout, Q4Rule::Mse, {values.data(), kColumns, kRows, kColumns},
                panel.data());
    std::vector<float> row(kColumns);
    for (uint64_t n = 0; n < kPanelRows; ++n) {
      decodePanelRow(layout, panel.data(), n, kColumns, row.data());
      for (uint64_t k = 0; k < kColumns; ++k) {
        float exact = n < kRows ? expected(values[n * kColumns + k]) : 0.0f;
        ASSERT_NEAR(row[k], exact, n < kRows ? tolerance : 0) << n << " " << k;
      }
    }
  };
  auto same = [](float value) { return value; };
  check(WeightLayout::F32Panel, same, 0);
  check(
      WeightLayout::F16Panel,
      [](float value) { return fromHalf(toHalf(value)); }, 0);
  check(
      WeightLayout::Bf16Panel,
      [](float value) {
        uint32_t bits = uint32_t(toBf16(value)) << 16;
        std::memcpy(&value, &bits, sizeof bits);
        return value;
      },
      0);
  // Half a step, and what the scale's rounding adds; q4_0 may cut off more.
  check(WeightLayout::Q8Panel, same, 3 / 127.0f * 0.6f);
  check(WeightLayout::Q4Panel, same, 3 / 8.0f * 1.5f);
}

TEST(EncodingTest, LimitsAreWhereInfinityStarts) {
  float bf16 = valueLimit(WeightLayout::Bf16Panel);
  EXPECT_EQ(toBf16(bf16), 0x7f80);
  EXPECT_EQ(toBf16(std::nextafter(bf16, 0.0f)), 0x7f7f);
  EXPECT_EQ(valueLimit(WeightLayout::F16Panel), 65520.0f);
  EXPECT_EQ(valueLimit(WeightLayout::F32Rows),
            std::numeric_limits<float>::infinity());
  float q8 = valueLimit(WeightLayout::Q8Panel);
  EXPECT_EQ(toHalf(q8 / 127), 0x7c00);
  EXPECT_EQ(toHalf(std::nextafter(q8, 0.0f) / 127), 0x7bff);
  float q4 = valueLimit(WeightLayout::Q4Panel);
  EXPECT_EQ(toHalf(q4 / 8), 0x7c00);
  EXPECT_EQ(toHalf(std::nextafter(q4, 0.0f) / 8), 0x7bff);
}
