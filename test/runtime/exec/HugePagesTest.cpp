//===- HugePagesTest.cpp - Weights copied into huge pages -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/HugePages.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace gemma;

namespace {
class HugePagesTest : public ::testing::Test {
protected:
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(3));
  Progress progress{"copying weights", 1, /*enabled=*/false};
};

/// Bytes that differ from piece to piece and inside of one.
Mapping makeWeights(uint64_t bytes) {
  Mapping weights = std::move(*Mapping::zeroed(bytes, "test"));
  for (uint64_t i = 0; i < bytes; ++i) {
    weights.data()[i] = static_cast<unsigned char>(i * 7 + i / 4099);
  }
  return weights;
}
} // namespace

// Sizes around that of the pieces that threads take, 8 MB.
TEST_F(HugePagesTest, CopiesEveryByte) {
  for (uint64_t bytes : {uint64_t(1), uint64_t(8) << 20,
                         (uint64_t(8) << 20) + 1, (uint64_t(25) << 20) - 3}) {
    Mapping weights = makeWeights(bytes);
    Result<Mapping> copy = copyToHugePages(weights, *pool, progress, nullptr);
    ASSERT_TRUE(copy) << copy.error().message;
    ASSERT_EQ(copy->size(), weights.size());
    EXPECT_NE(copy->data(), weights.data());
    EXPECT_EQ(std::memcmp(copy->data(), weights.data(), bytes), 0);
  }
  EXPECT_TRUE(copyToHugePages(Mapping(), *pool, progress, nullptr));
}

TEST_F(HugePagesTest, CannotBeWrittenTo) {
  Mapping copy =
      std::move(*copyToHugePages(makeWeights(4096), *pool, progress, nullptr));
  EXPECT_DEATH(const_cast<volatile unsigned char *>(copy.data())[0] = 1, "");
}

TEST_F(HugePagesTest, CanBeCancelled) {
  CancelFlag cancel;
  cancel.request();
  Result<Mapping> copy =
      copyToHugePages(makeWeights(4096), *pool, progress, &cancel);
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().code, ErrorCode::Interrupted);
}
