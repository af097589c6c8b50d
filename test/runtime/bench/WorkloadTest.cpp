//===- WorkloadTest.cpp - One test of a benchmark -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Workload.h"

#include "TestingManifest.h"

#include <gtest/gtest.h>
#include <numeric>

using namespace gemma;
using namespace gemma::testing;

namespace {
struct Fixture {
  TestingManifest manifest;
  std::vector<Arithmetic> arithmetics = dispatchArithmetics(*manifest);

  Workload plan(WorkloadKind kind, uint32_t count, uint32_t depth = 0) {
    return planWorkload(kind, count, depth, *manifest, arithmetics);
  }
  /// The bytes of forwards of rows from `begin` on.
  uint64_t bytes(std::initializer_list<std::array<uint32_t, 3>> forwards) {
    RunCost cost(*manifest, arithmetics);
    for (auto [begin, rows, outRows] : forwards) {
      std::vector<int32_t> positions(rows);
      std::iota(positions.begin(), positions.end(),
                static_cast<int32_t>(begin));
      cost.addForward(positions, outRows);
    }
    return cost.bytes();
  }
};
} // namespace

TEST(WorkloadTest, NamesSayWhatAndWhere) {
  Fixture fixture;
  EXPECT_EQ(fixture.plan(WorkloadKind::Prefill, 512).name, "pp512");
  EXPECT_EQ(fixture.plan(WorkloadKind::Decode, 128).name, "tg128");
  EXPECT_EQ(fixture.plan(WorkloadKind::Rows, 4).name, "rows4");
  EXPECT_EQ(fixture.plan(WorkloadKind::Prefill, 512, 4096).name, "pp512@d4096");
  EXPECT_EQ(fixture.plan(WorkloadKind::Decode, 128, 4096).name, "tg128@d4096");
}

// Chunks of max_rows (8), the logits of the last row only.
TEST(WorkloadTest, PrefillIsInChunks) {
  Fixture fixture;
  Workload test = fixture.plan(WorkloadKind::Prefill, 20, 3);
  EXPECT_EQ(test.tokens, 20u);
  EXPECT_EQ(test.cost.bytes(),
            fixture.bytes({{3, 8, 0}, {11, 8, 0}, {19, 4, 1}}));
}

TEST(WorkloadTest, DecodeIsTokenByToken) {
  Fixture fixture;
  Workload test = fixture.plan(WorkloadKind::Decode, 3, 5);
  EXPECT_EQ(test.tokens, 3u);
  EXPECT_EQ(test.cost.bytes(),
            fixture.bytes({{5, 1, 1}, {6, 1, 1}, {7, 1, 1}}));
}

TEST(WorkloadTest, RowsAreForwardsOfThatMany) {
  Fixture fixture;
  Workload test = fixture.plan(WorkloadKind::Rows, 4, 5);
  EXPECT_EQ(test.tokens, 4u * kRowForwards);
  EXPECT_EQ(test.cost.bytes(), kRowForwards * fixture.bytes({{5, 4, 4}}));
}
