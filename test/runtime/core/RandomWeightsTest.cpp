//===- RandomWeightsTest.cpp - Weights drawn from a seed ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/RandomWeights.h"

#include <gtest/gtest.h>

using namespace gemma;

// A change of these values makes every stub artifact another model.
TEST(RandomWeightsTest, DrawsAgreedValues) {
  RandomWeights weights(1, "layers.0.q_proj", 0.02);
  float block[kRandomBlock];
  weights.block(3, 5, block);
  float again[kRandomBlock];
  RandomWeights(1, "layers.0.q_proj", 0.02).block(3, 5, again);
  float sum = 0;
  for (int64_t i = 0; i < kRandomBlock; ++i) {
    EXPECT_EQ(block[i], again[i]);
    EXPECT_GE(block[i], -0.02f);
    EXPECT_LT(block[i], 0.02f);
    sum += block[i];
  }
  EXPECT_NE(sum, 0);
}

TEST(RandomWeightsTest, EverythingMatters) {
  float first[kRandomBlock], other[kRandomBlock];
  RandomWeights(1, "a", 1).block(0, 0, first);
  auto differs = [&] { return first[0] != other[0] && first[15] != other[15]; };
  RandomWeights(2, "a", 1).block(0, 0, other);
  EXPECT_TRUE(differs());
  RandomWeights(1, "b", 1).block(0, 0, other);
  EXPECT_TRUE(differs());
  RandomWeights(1, "a", 1).block(1, 0, other);
  EXPECT_TRUE(differs());
  RandomWeights(1, "a", 1).block(0, 1, other);
  EXPECT_TRUE(differs());
}

TEST(RandomWeightsTest, MeanAndVarianceAreThoseOfAUniform) {
  RandomWeights weights(3, "w", 1);
  double sum = 0, squares = 0;
  constexpr int64_t kBlocks = 4096;
  for (int64_t i = 0; i < kBlocks; ++i) {
    float block[kRandomBlock];
    weights.block(i / 64, i % 64, block);
    for (float value : block) {
      sum += value;
      squares += double(value) * value;
    }
  }
  double count = kBlocks * kRandomBlock;
  EXPECT_NEAR(sum / count, 0, 0.01);
  EXPECT_NEAR(squares / count, 1.0 / 3, 0.01);
}
