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
  EXPECT_EQ(large->architecture, "GemmaForCausalLM");
  EXPECT_EQ(findKnownConfig("gemma"), nullptr);
}

TEST(KnownConfigsTest, Gemma2AlternatesFromALocalLayer) {
  const ModelConfig *config = findKnownConfig("gemma2-27b");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->family, "gemma2");
  EXPECT_EQ(config->architecture, "Gemma2ForCausalLM");
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
  EXPECT_EQ(config->architecture, "Gemma3ForCausalLM");
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

/// Parameters beside the embedding: matrices of attention and MLP, norms.
static int64_t countParameters(const ModelConfig &config) {
  int64_t attention =
      2 * (config.heads + config.kvHeads) * config.headDim * config.hidden;
  int64_t norms = (config.hasPostNorms ? 4 : 2) * config.hidden +
                  (config.hasQkNorms ? 2 * config.headDim : 0);
  return config.layers * (attention + 3 * config.hidden * config.ff + norms) +
         config.hidden;
}

TEST(KnownConfigsTest, HaveTheReportsParameters) {
  struct Size {
    const char *name;
    int64_t embedding; // 0: no report's
    int64_t rest;
    int64_t unit; // of the report's numbers
  };
  // Gemma report, table 2; Gemma 2 report, table 2; Gemma 3 report, table 1,
  // which has no 270M: what was announced of it.
  constexpr Size kSizes[] = {
      {"gemma-2b", 524550144, 1981884416, 1},
      {"gemma-7b", 786825216, 7751248896, 1},
      {"gemma2-2b", 590118912, 2024517888, 1},
      {"gemma2-9b", 917962752, 8324201984, 1},
      {"gemma2-27b", 1180237824, 26047480320, 1},
      {"gemma3-270m", 0, 100, 1000000},
      {"gemma3-1b", 302, 698, 1000000},
      {"gemma3-4b", 0, 3209, 1000000},
      {"gemma3-12b", 0, 10759, 1000000},
      {"gemma3-27b", 0, 25600, 1000000},
  };
  for (const Size &size : kSizes) {
    const ModelConfig *config = findKnownConfig(size.name);
    ASSERT_TRUE(config) << size.name;
    auto rounded = [&](int64_t count) {
      return (count + size.unit / 2) / size.unit;
    };
    EXPECT_EQ(rounded(countParameters(*config)), size.rest) << size.name;
    // Gemma 1's and 2's reports count 128 rows that no checkpoint has; Gemma
    // 3's count more rows of the multimodal models than they have.
    if (size.embedding) {
      int64_t rows = config->vocab + (config->family == "gemma3" ? 0 : 128);
      EXPECT_EQ(rounded(rows * config->hidden), size.embedding) << size.name;
    }
  }
}

TEST(KnownConfigsTest, NamesAllOfThem) {
  std::string names = describeKnownConfigs();
  EXPECT_THAT(names, ::testing::StartsWith("gemma-2b, gemma-7b, gemma2-2b, "));
  EXPECT_THAT(names, ::testing::EndsWith(", gemma3-12b or gemma3-27b"));
}
