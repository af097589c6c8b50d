//===- LimitsTest.cpp - What the machine can do at most -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Limits.h"

#include <gtest/gtest.h>

using namespace gemma;

// What can be said without knowing the machine: nothing here looks at speeds.
TEST(LimitsTest, ProbesWhatIsAskedFor) {
  std::vector<unsigned char> memory(5 * kReadBlock + 100, 1);
  Result<LimitProbe> probe = LimitProbe::create(memory, {}, {Arithmetic::F32},
                                                2, /*pin=*/true, nullptr);
  ASSERT_TRUE(probe) << probe.error().message;
  EXPECT_FALSE(probe->readLoop().name.empty());
  EXPECT_EQ(probe->bytes(), memory.size());
  EXPECT_EQ(probe->arithmetics(), std::vector<Arithmetic>{Arithmetic::F32});
  Result<Limits> limits = probe->measure();
  ASSERT_TRUE(limits);
  EXPECT_GT(limits->bandwidth, 0);
  EXPECT_GT(limits->peak(Arithmetic::F32), 0);
  EXPECT_EQ(limits->peak(Arithmetic::Int8), 0);
}

TEST(LimitsTest, NeedsSomethingToRead) {
  std::vector<unsigned char> memory(kReadBlock - 1);
  Result<LimitProbe> probe =
      LimitProbe::create(memory, {}, {}, 1, false, nullptr);
  ASSERT_FALSE(probe);
  EXPECT_EQ(probe.error().code, ErrorCode::InvalidUsage);
}

TEST(LimitsTest, IsInterrupted) {
  std::vector<unsigned char> memory(kReadBlock);
  CancelFlag cancel;
  Result<LimitProbe> probe =
      LimitProbe::create(memory, {}, {Arithmetic::F32}, 1, false, &cancel);
  ASSERT_TRUE(probe);
  cancel.request();
  EXPECT_EQ(probe->measure().error().code, ErrorCode::Interrupted);
  EXPECT_EQ(LimitProbe::create(memory, {}, {}, 1, false, &cancel).error().code,
            ErrorCode::Interrupted);
}

TEST(LimitsTest, ARunIsHeldAgainstTheMeanOfTwoProbes) {
  Limits before{10, {1, 2, 3}}, after{30, {3, 2, 5}};
  Limits mean = Limits::between(before, after);
  EXPECT_EQ(mean.bandwidth, 20);
  EXPECT_EQ(mean.peak(Arithmetic::F32), 2);
  EXPECT_EQ(mean.peak(Arithmetic::Bf16), 2);
  EXPECT_EQ(mean.peak(Arithmetic::Int8), 4);
}
