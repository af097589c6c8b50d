//===- SummaryTest.cpp - From measurements to a result --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Summary.h"

#include "TestingManifest.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

TEST(StatisticsTest, MedianAndSpread) {
  EXPECT_EQ(spreadOf({}).median, 0);
  Spread odd = spreadOf({5, 1, 3});
  EXPECT_EQ(odd.median, 3);
  EXPECT_EQ(odd.min, 1);
  EXPECT_EQ(odd.max, 5);
  EXPECT_EQ(spreadOf({4, 1, 2, 100}).median, 3);
}

namespace {
/// Two repetitions of two decoded tokens.
struct Fixture {
  TestingManifest manifest;
  std::vector<Arithmetic> arithmetics = dispatchArithmetics(*manifest);
  std::vector<Arithmetic> probed = {Arithmetic::F32, Arithmetic::Bf16,
                                    Arithmetic::Int8};
  Workload test =
      planWorkload(WorkloadKind::Decode, 2, 0, *manifest, arithmetics);

  Fixture() {
    test.seconds = {1, 2};
    test.shares = {0.5, 0.25};
    test.limits = {{1000, {10, 20, 30}}, {3000, {10, 20, 30}}};
  }
};
} // namespace

TEST(SummaryTest, MediansOfTheRepetitions) {
  Fixture fixture;
  BenchResult result =
      summarise(fixture.test, fixture.probed, fixture.arithmetics);
  EXPECT_EQ(result.name, "tg2");
  EXPECT_EQ(result.tokensPerSecond.median, 1.5);
  EXPECT_EQ(result.tokensPerSecond.min, 1);
  EXPECT_EQ(result.tokensPerSecond.max, 2);
  EXPECT_EQ(result.share.median, 0.375);
  EXPECT_EQ(result.bytes, fixture.test.cost.bytes());
  EXPECT_FALSE(result.againstOneRow.has_value());
  EXPECT_TRUE(result.profile.empty());
}

// The head's 700 operations at 20/s take longest.
TEST(SummaryTest, NamesTheLimitThatBoundsMost) {
  Fixture fixture;
  BenchResult result =
      summarise(fixture.test, fixture.probed, fixture.arithmetics);
  EXPECT_EQ(result.limit, 2u);
  EXPECT_EQ(result.limitValue, 20);
  for (Limits &limits : fixture.test.limits) {
    limits.peaks = {1e6, 1e6, 1e6};
  }
  result = summarise(fixture.test, fixture.probed, fixture.arithmetics);
  EXPECT_EQ(result.limit, 0u);
  EXPECT_EQ(result.limitValue, 2000);
}

TEST(SummaryTest, ProfileIsPerRepetitionAndByOp) {
  Fixture fixture;
  fixture.test.limits = {{1000, {1e9, 1e9, 1e9}}, {1000, {1e9, 1e9, 1e9}}};
  fixture.test.profile.resize(5);
  const char *ops[] = {"embed", "norm_linear", "rope_attention", "geglu",
                       "norm_linear"};
  for (size_t i = 0; i < 5; ++i) {
    DispatchProfile &dispatch = fixture.test.profile[i];
    dispatch.op = ops[i];
    dispatch.calls = 4;
    dispatch.nanoseconds = 1000000000 * (i + 1);
    dispatch.bytes = 1000;
    dispatch.operations = 10;
  }
  BenchResult result =
      summarise(fixture.test, fixture.probed, fixture.arithmetics);
  ASSERT_EQ(result.profile.size(), 4u);
  const OpProfile &longest = result.profile[0];
  EXPECT_EQ(longest.op, "norm_linear");
  EXPECT_EQ(longest.calls, 4);
  EXPECT_EQ(longest.seconds, 3.5);
  EXPECT_EQ(longest.bytes, 1000);
  EXPECT_EQ(longest.operations, 10);
  EXPECT_EQ(longest.idealSeconds, 1);
  EXPECT_EQ(result.profile[3].op, "embed");
}
