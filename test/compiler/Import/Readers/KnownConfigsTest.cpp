//===- KnownConfigsTest.cpp - Tests of KnownConfigs.cpp -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ModelConfig.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <algorithm>

using namespace gemma;

TEST(KnownConfigsTest, Gemma1HasTheReportsShapes) {
  const ModelConfig *small = findKnownConfig("gemma-2b");
  const ModelConfig *large = findKnownConfig("gemma-7b");
  ASSERT_TRUE(small && large);
  EXPECT_EQ(small->kvHeads, 1);
  EXPECT_EQ(small->ff, 16384);
  EXPECT_EQ(large->hidden, 3072);
  EXPECT_EQ(large->kvHeads, 16);
  EXPECT_FALSE(large->hasPostNorms);
  EXPECT_FALSE(large->isLocal(0));
  EXPECT_EQ(findKnownConfig("gemma"), nullptr);
}

TEST(KnownConfigsTest, Gemma2AlternatesFromALocalLayer) {
  const ModelConfig *config = findKnownConfig("gemma2-27b");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->family, "gemma2");
  EXPECT_EQ(config->window, 4096);
  EXPECT_TRUE(config->isLocal(0));
  EXPECT_FALSE(config->isLocal(1));
  EXPECT_EQ(config->attentionSoftcap, 50);
  EXPECT_EQ(config->finalSoftcap, 30);
  // hidden / heads, not head_dim; only here and in Gemma 3 27B.
  EXPECT_EQ(config->queryScalar, 144);
  EXPECT_EQ(findKnownConfig("gemma2-9b")->queryScalar, 256);
  EXPECT_EQ(config->vocab, 256000);
  EXPECT_TRUE(config->hasPostNorms);
  EXPECT_FALSE(config->hasQkNorms);
  EXPECT_EQ(config->localRopeTheta, 1e4);
}

TEST(KnownConfigsTest, EverySixthLayerOfGemma3IsGlobal) {
  const ModelConfig *config = findKnownConfig("gemma3-4b");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->family, "gemma3");
  EXPECT_TRUE(config->isLocal(4));
  EXPECT_FALSE(config->isLocal(5));
  // 34 layers: the last four fill no period.
  EXPECT_TRUE(config->isLocal(33));
  EXPECT_EQ(
      std::count(config->localLayers.begin(), config->localLayers.end(), false),
      5);
  EXPECT_EQ(config->window, 1024);
  EXPECT_EQ(config->ropeTheta, 1e6);
  EXPECT_EQ(config->localRopeTheta, 1e4);
  EXPECT_EQ(config->ropeFactor, 8);
  EXPECT_EQ(config->attentionSoftcap, 0);
  EXPECT_TRUE(config->hasQkNorms);
  EXPECT_EQ(findKnownConfig("gemma3-1b")->ropeFactor, 1);
  EXPECT_EQ(findKnownConfig("gemma3-1b")->window, 512);
  EXPECT_EQ(findKnownConfig("gemma3-27b")->queryScalar, 168);
  EXPECT_EQ(findKnownConfig("gemma3-270m")->vocab, 262144);
}

TEST(KnownConfigsTest, NamesAllOfThem) {
  std::string names = describeKnownConfigs();
  EXPECT_THAT(names, ::testing::StartsWith("gemma-2b, gemma-7b, gemma2-2b, "));
  EXPECT_THAT(names, ::testing::EndsWith(", gemma3-12b or gemma3-27b"));
}
