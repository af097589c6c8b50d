//===- ReadLoopsTest.cpp - Loops that only read memory --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/ReadLoops.h"

#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <set>
#include <vector>

using namespace gemma;

static uint64_t wordSum(const unsigned char *begin, const unsigned char *end) {
  uint64_t sum = 0;
  for (; begin != end; begin += 8) {
    uint64_t word;
    std::memcpy(&word, begin, sizeof word);
    sum += word;
  }
  return sum;
}

// A loop that skipped a byte would read faster than memory can be read.
TEST(ReadLoopsTest, EveryLoopReadsEveryByte) {
  std::vector<unsigned char> bytes(33 * kReadBlock + 1);
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(i * 37 + i / 256);
  }
  // Of any number of blocks, also one that streams do not share evenly, and
  // from an odd address.
  for (const ReadLoop &loop : readLoops()) {
    for (size_t blocks : {0u, 1u, 2u, 3u, 7u, 8u, 33u}) {
      for (size_t offset : {0u, 1u}) {
        const unsigned char *begin = bytes.data() + offset;
        const unsigned char *end = begin + blocks * kReadBlock;
        ASSERT_EQ(loop.sum(begin, end), wordSum(begin, end))
            << loop.name << ", " << blocks << " blocks";
      }
    }
  }
}

TEST(ReadLoopsTest, NamesTellLoopsApart) {
  std::set<std::string> names;
  for (const ReadLoop &loop : readLoops()) {
    EXPECT_TRUE(names.insert(loop.name).second) << loop.name;
  }
  for (const char *name :
       {"128x1", "128x2", "128x4", "128x8", "128x1+2048", "128x4, 2 streams"}) {
    EXPECT_EQ(names.count(name), 1u) << name;
  }
}
