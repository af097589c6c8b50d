//===- StopDetectorTest.cpp - Tests of StopDetector -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/StopDetector.h"

#include <gtest/gtest.h>

#include <random>

using namespace gemma;

TEST(StopDetectorTest, StopsAtItsTokens) {
  StopDetector stop({1, 107});
  EXPECT_TRUE(stop.stopsAt(1));
  EXPECT_TRUE(stop.stopsAt(107));
  EXPECT_FALSE(stop.stopsAt(106));
  EXPECT_FALSE(StopDetector({}).stopsAt(-1));
}

TEST(StopDetectorTest, WithoutStringsTextPassesAtOnce) {
  StopDetector stop({}, {""});
  EXPECT_EQ(stop.add("hello"), "hello");
  EXPECT_EQ(stop.add(""), "");
  EXPECT_EQ(stop.finish(), "");
  EXPECT_FALSE(stop.foundString());
}

TEST(StopDetectorTest, HoldsBackWhatMayBecomeAStopString) {
  StopDetector stop({}, {"END"});
  EXPECT_EQ(stop.add("the E"), "the ");
  EXPECT_EQ(stop.add("N"), "");
  EXPECT_EQ(stop.add("O"), "ENO");
  EXPECT_EQ(stop.add("EE"), "E");
  EXPECT_EQ(stop.add("NDless"), "");
  EXPECT_TRUE(stop.foundString());
  EXPECT_EQ(stop.add("more"), "");
  EXPECT_EQ(stop.finish(), "");
}

TEST(StopDetectorTest, TheEarliestStringCounts) {
  StopDetector stop({}, {"bcd", "c"});
  EXPECT_EQ(stop.add("ab"), "a");
  EXPECT_EQ(stop.add("cd"), "");
  EXPECT_TRUE(stop.foundString());
}

TEST(StopDetectorTest, FinishGivesTheRest) {
  StopDetector stop({}, {"END"});
  EXPECT_EQ(stop.add("the EN"), "the ");
  EXPECT_EQ(stop.finish(), "EN");
  EXPECT_FALSE(stop.foundString());
}

/// However the text is cut, it ends before the first stop string.
TEST(StopDetectorTest, CutsDoNotMatter) {
  std::mt19937 random(5);
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 20, ' ');
    for (char &c : text) {
      c = "ab"[random() % 2];
    }
    std::vector<std::string> strings = {"aba", "bbbb"};
    size_t end = std::min(text.find(strings[0]), text.find(strings[1]));
    StopDetector stop({}, strings);
    std::string shown;
    for (size_t i = 0; i < text.size();) {
      size_t count = 1 + random() % 4;
      shown += stop.add(std::string_view(text).substr(i, count));
      i += count;
    }
    shown += stop.finish();
    ASSERT_EQ(shown, text.substr(0, end)) << text;
    ASSERT_EQ(stop.foundString(), end != std::string::npos);
  }
}
