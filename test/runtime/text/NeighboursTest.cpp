//===- NeighboursTest.cpp - Tests of Neighbours ---------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Neighbours.h"

#include <gtest/gtest.h>

#include <set>

using namespace gemma;

TEST(NeighboursTest, AloneThereIsOnlyTheMeasuredRun) {
  std::vector<int32_t> tokens = {1, 2};
  std::vector<gemma::Run> runs;
  EXPECT_EQ(Neighbours(0, 10, 10).addRuns({0, 4, tokens}, 2, runs), 0u);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].position, 4u);
}

TEST(NeighboursTest, EverySequenceContinuesOrStartsAnew) {
  constexpr uint32_t kCount = 7, kVocab = 131, kContext = 20, kRows = 5;
  Neighbours neighbours(kCount, kVocab, kContext);
  std::vector<int32_t> measured = {1, 2, 3};
  std::vector<uint32_t> lengths(kCount + 1);
  std::set<size_t> places;
  size_t restarts = 0;
  for (int step = 0; step < 100; ++step) {
    std::vector<gemma::Run> runs;
    size_t before = neighbours.addRuns({0, 0, measured}, kRows, runs);
    ASSERT_EQ(runs.size(), kCount + 1);
    size_t rows = 0;
    for (size_t i = 0; i < runs.size(); ++i) {
      const gemma::Run &run = runs[i];
      if (run.slot == 0) {
        EXPECT_EQ(rows, before);
        EXPECT_EQ(run.tokens.data(), measured.data());
        places.insert(i);
      } else {
        EXPECT_TRUE(run.position == lengths[run.slot] || run.position == 0);
        restarts += run.position == 0;
        EXPECT_GE(run.tokens.size(), 1u);
        EXPECT_LE(run.tokens.size(), kRows);
        lengths[run.slot] = run.position + run.tokens.size();
        EXPECT_LE(lengths[run.slot], kContext);
        for (int32_t token : run.tokens) {
          EXPECT_TRUE(token >= 0 && token < int32_t(kVocab));
        }
      }
      rows += run.tokens.size();
    }
  }
  EXPECT_EQ(places.size(), kCount + 1);
  EXPECT_GT(restarts, kCount);
}

TEST(NeighboursTest, RunsAreNeverLongerThanTheContext) {
  Neighbours neighbours(3, 10, 2);
  std::vector<int32_t> measured = {1};
  for (int step = 0; step < 20; ++step) {
    std::vector<gemma::Run> runs;
    neighbours.addRuns({0, 0, measured}, 8, runs);
    for (const gemma::Run &run : runs) {
      EXPECT_LE(run.position + run.tokens.size(), 2u);
    }
  }
}
