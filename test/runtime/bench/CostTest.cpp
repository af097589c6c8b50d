//===- CostTest.cpp - What a run costs at the machine's limits ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Cost.h"

#include "TestingManifest.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

TEST(CostTest, ArithmeticOfEachDispatch) {
  TestingManifest manifest;
  // embed copies rows of a bf16 weight; the fused matmul reads a norm's f32
  // weight beside its q8_0 one; attention reads a bf16 cache; geglu nothing.
  EXPECT_EQ(dispatchArithmetics(*manifest),
            (std::vector<Arithmetic>{Arithmetic::F32, Arithmetic::Int8,
                                     Arithmetic::Bf16, Arithmetic::F32,
                                     Arithmetic::Bf16}));
}

TEST(CostTest, AttentionOverAnF32CacheIsF32) {
  TestingManifest manifest(/*cacheElementBytes=*/4);
  EXPECT_EQ(dispatchArithmetics(*manifest)[2], Arithmetic::F32);
}

TEST(CostTest, FeaturesOfTheTarget) {
  TestingManifest manifest;
  EXPECT_EQ(targetFeatures(*manifest),
            (std::vector<std::string_view>{"avx512bf16", "avx512vnni"}));
}

// Reading or multiplying, whichever takes longer, dispatch by dispatch.
TEST(CostTest, IdealTimeIsTheLongerOfBothPerDispatch) {
  Limits limits{100, {10, 20, 40}};
  IdealTime time;
  addIdealTime({1000, 50}, Arithmetic::F32, limits, time);
  EXPECT_EQ(time.reading, 10);
  addIdealTime({1000, 500}, Arithmetic::Int8, limits, time);
  EXPECT_EQ(time.reading, 10);
  EXPECT_EQ(time.multiplying[2], 12.5);
  addIdealTime({0, 40}, Arithmetic::Bf16, limits, time);
  EXPECT_EQ(time.multiplying[1], 2);
  EXPECT_EQ(time.total(), 24.5);
}

TEST(CostTest, SumsOverForwards) {
  TestingManifest manifest;
  std::vector<Arithmetic> arithmetics = dispatchArithmetics(*manifest);
  RunCost cost(*manifest, arithmetics);
  // Rows at positions 0 and 1 see 1 and 2 keys.
  cost.addForward({0, 1}, 0);
  // embed 2 * 8; norm_linear 1000 + 2 * 10; attention 3 * 4; geglu 2 * 2. The
  // head has no rows.
  EXPECT_EQ(cost.bytes(), 16u + 1020 + 12 + 4);
  EXPECT_EQ(cost.operations(), 2u * 100 + 3 * 6);
  cost.addForward({2}, 1);
  EXPECT_EQ(cost.bytes(), 1052u + 8 + 1010 + 12 + 2 + 5000);
  EXPECT_EQ(cost.operations(), 218u + 100 + 18 + 700);
  // Nothing but reading bounds it where multiplying is for free.
  IdealTime time = cost.idealTime({1, {1e9, 1e9, 1e9}});
  EXPECT_EQ(time.total(), static_cast<double>(cost.bytes()));
}
