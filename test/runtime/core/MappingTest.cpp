//===- MappingTest.cpp - Memory from mmap ---------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Mapping.h"

#include <gtest/gtest.h>

using namespace gemma;

TEST(MappingTest, IsZeroAndAligned) {
  Result<Mapping> mapping = Mapping::zeroed(uint64_t(3) << 20, "test");
  ASSERT_TRUE(mapping);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(mapping->data()) % 4096, 0u);
  EXPECT_EQ(mapping->size(), size_t(3) << 20);
  for (size_t i = 0; i < mapping->size(); i += 1000) {
    ASSERT_EQ(mapping->data()[i], 0);
  }
  mapping->data()[0] = 1;
}

TEST(MappingTest, NothingIsEmpty) {
  Result<Mapping> mapping = Mapping::zeroed(0, "test");
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->size(), 0u);
}

TEST(MappingTest, TooMuchIsAResourceThatTellsTheNeed) {
  for (uint64_t bytes : {uint64_t(1) << 60, ~uint64_t(0)}) {
    Result<Mapping> mapping = Mapping::zeroed(bytes, "KV cache");
    ASSERT_FALSE(mapping);
    EXPECT_EQ(mapping.error().code, ErrorCode::Resource);
    EXPECT_EQ(mapping.error().message.find("KV cache: expected " +
                                           std::to_string(bytes) + " bytes"),
              0u);
  }
  EXPECT_FALSE(Mapping::file(-1, 0, 4096, "no file"));
  EXPECT_FALSE(Mapping::file(-1, 0, ~uint64_t(0), "no file"));
  EXPECT_TRUE(Mapping::file(-1, 0, 0, "nothing"));
}

TEST(MappingTest, MovesLeaveNothingBehind) {
  Mapping first = std::move(*Mapping::zeroed(4096, "test"));
  Mapping second = std::move(first);
  EXPECT_EQ(first.size(), 0u);
  first = std::move(second);
  EXPECT_EQ(first.size(), 4096u);
  first.data()[4095] = 1;
}
