//===- GgufConfigTest.cpp - Tests of GgufConfig.cpp -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufConfig.h"

#include "test/compiler/Import/Readers/TestingGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>

using namespace gemma;
using namespace gemma::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {
class GgufConfigTest : public ::testing::Test {
protected:
  Result<ModelConfig> read(const GgufBuilder &builder) {
    writeFile(folder / "m.gguf", builder.build());
    Result<GgufCheckpoint> opened = GgufCheckpoint::open(folder / "m.gguf");
    if (!opened) {
      return opened.takeError();
    }
    return readGgufConfig(*opened);
  }

  ModelConfig good(const GgufBuilder &builder) {
    Result<ModelConfig> config = read(builder);
    EXPECT_TRUE(config) << config.error().message;
    return config ? *config : ModelConfig();
  }

  std::string errorOf(const GgufBuilder &builder) {
    Result<ModelConfig> config = read(builder);
    if (config) {
      return "no error";
    }
    EXPECT_EQ(config.error().code, ErrorCode::InvalidData);
    return config.error().message;
  }

  TemporaryFolder folder;
};
} // namespace

/// The index of a key's pair.
static size_t findKey(const GgufBuilder &builder, const std::string &key) {
  auto place = std::find_if(
      builder.pairs.begin(), builder.pairs.end(), [&](const std::string &pair) {
        return pair.compare(0, key.size() + 8, ggufText(key)) == 0;
      });
  return static_cast<size_t>(place - builder.pairs.begin());
}

/// Puts `pair` in the place of the one with its key, or adds it.
static GgufBuilder with(GgufBuilder builder, const std::string &pair) {
  uint64_t size;
  std::memcpy(&size, pair.data(), sizeof size);
  size_t place = findKey(builder, pair.substr(8, size));
  if (place == builder.pairs.size()) {
    builder.pairs.push_back(pair);
  } else {
    builder.pairs[place] = pair;
  }
  return builder;
}

static GgufBuilder without(GgufBuilder builder, const std::string &key) {
  builder.pairs.erase(builder.pairs.begin() +
                      static_cast<std::ptrdiff_t>(findKey(builder, key)));
  return builder;
}

/// A model of another architecture: its keys have its name. Tensors are not
/// looked at here.
static GgufBuilder later(const std::string &name, uint32_t layers,
                         const std::vector<std::string> &more) {
  GgufBuilder builder = tinyGguf("BF16", false);
  builder.pairs = {ggufString("general.architecture", name),
                   ggufU32(name + ".context_length", 64),
                   ggufU32(name + ".embedding_length", 8),
                   ggufU32(name + ".block_count", layers),
                   ggufU32(name + ".feed_forward_length", 12),
                   ggufU32(name + ".attention.head_count", 2),
                   ggufU32(name + ".attention.head_count_kv", 1),
                   ggufU32(name + ".attention.key_length", 6),
                   ggufF32(name + ".attention.layer_norm_rms_epsilon", 1e-6f)};
  builder.pairs.insert(builder.pairs.end(), more.begin(), more.end());
  return builder;
}

TEST_F(GgufConfigTest, Gemma1) {
  ModelConfig config = good(tinyGguf());
  EXPECT_EQ(config.family, "gemma");
  EXPECT_EQ(config.hidden, 8);
  EXPECT_EQ(config.layers, 2);
  EXPECT_EQ(config.heads, 2);
  EXPECT_EQ(config.kvHeads, 1);
  EXPECT_EQ(config.headDim, 4);
  EXPECT_EQ(config.ff, 12);
  EXPECT_EQ(config.vocab, 268);
  EXPECT_EQ(config.embeddingRows, 268);
  EXPECT_EQ(config.context, 64);
  EXPECT_NEAR(config.epsilon, 1e-6, 1e-12);
  EXPECT_EQ(config.queryScalar, 4);
  EXPECT_EQ(config.ropeTheta, 1e4);
  EXPECT_EQ(config.ropeFactor, 1);
  EXPECT_TRUE(config.tiedHead);
  EXPECT_FALSE(config.normUnitOffset);
  EXPECT_FALSE(config.hasPostNorms);
  EXPECT_EQ(config.window, 0);
  EXPECT_THAT(config.localLayers, IsEmpty());
  EXPECT_EQ(config.bosToken, 2);
  EXPECT_EQ(config.padToken, 0);
  EXPECT_THAT(config.eosTokens, ElementsAre(1));
  EXPECT_TRUE(config.addBos);
  EXPECT_EQ(config.chatFormat, "gemma");
}

TEST_F(GgufConfigTest, WithoutAVocabulary) {
  ModelConfig config = good(tinyGguf("F32", false));
  EXPECT_EQ(config.vocab, 300);
  EXPECT_EQ(config.bosToken, 2);
  EXPECT_EQ(config.padToken, -1);
  EXPECT_EQ(config.chatFormat, "");
  GgufBuilder cut = tinyGguf();
  cut.tensors[0].shape[0] = 301;
  config = good(cut);
  EXPECT_EQ(config.vocab, 268);
  EXPECT_EQ(config.embeddingRows, 301);
  cut.tensors[0].shape[0] = 267;
  EXPECT_THAT(errorOf(cut), HasSubstr("tokenizer.ggml.tokens: expected 1 to "
                                      "267 strings"));
}

TEST_F(GgufConfigTest, OwnHeadAndEndsOfTurns) {
  GgufBuilder builder =
      with(tinyGguf(), ggufU32("tokenizer.ggml.eot_token_id", 5));
  builder.tensors.push_back({"output.weight", "F16", {268, 8}});
  ModelConfig config = good(builder);
  EXPECT_FALSE(config.tiedHead);
  EXPECT_THAT(config.eosTokens, ElementsAre(1, 5));
}

TEST_F(GgufConfigTest, EosIsAlwaysAnEnd) {
  GgufBuilder builder =
      with(tinyGguf(), ggufU32("tokenizer.ggml.eos_token_id", 5));
  EXPECT_THAT(good(builder).eosTokens, ElementsAre(1, 5));
  builder = with(builder, ggufU32("tokenizer.ggml.eot_token_id", 5));
  EXPECT_THAT(good(builder).eosTokens, ElementsAre(1, 5));
}

TEST_F(GgufConfigTest, VocabularyBeforeTheImageToken) {
  GgufBuilder builder =
      later("gemma3", 2,
            {ggufU32("gemma3.attention.sliding_window", 9),
             ggufArray("tokenizer.ggml.tokens", kString,
                       {ggufText("a"), ggufText("<eos>"), ggufText("b"),
                        ggufText("<image_soft_token>"), ggufText("c")})});
  ModelConfig config = good(builder);
  EXPECT_EQ(config.vocab, 3);
  EXPECT_EQ(config.embeddingRows, 300);
  EXPECT_THAT(errorOf(with(builder, ggufU32("tokenizer.ggml.bos_token_id", 3))),
              HasSubstr("bos_token_id: expected an integer from 0 to 2"));
}

TEST_F(GgufConfigTest, RopeFactorWithoutAType) {
  std::string window = ggufU32("gemma3.attention.sliding_window", 9);
  auto factorOf = [&](float factor) {
    return good(later("gemma3", 2,
                      {window, ggufF32("gemma3.rope.scaling.factor", factor)}))
        .ropeFactor;
  };
  EXPECT_EQ(factorOf(8), 8);
  EXPECT_EQ(factorOf(0), 1);
}

TEST_F(GgufConfigTest, Gemma2) {
  ModelConfig config = good(later("gemma2", 3, {}));
  EXPECT_EQ(config.family, "gemma2");
  EXPECT_EQ(config.window, 4096);
  EXPECT_THAT(config.localLayers, ElementsAre(true, false, true));
  EXPECT_EQ(config.attentionSoftcap, 50);
  EXPECT_EQ(config.finalSoftcap, 30);
  EXPECT_EQ(config.queryScalar, 6);
  EXPECT_EQ(config.ropeTheta, 1e4);
  EXPECT_EQ(config.localRopeTheta, 1e4);
  EXPECT_TRUE(config.hasPostNorms);
  EXPECT_FALSE(config.hasQkNorms);
  config = good(later("gemma2", 46,
                      {ggufF32("gemma2.attn_logit_softcapping", 40),
                       ggufF32("gemma2.final_logit_softcapping", 20),
                       ggufU32("gemma2.attention.sliding_window", 16)}));
  EXPECT_EQ(config.queryScalar, 4); // 27B: hidden / heads
  EXPECT_EQ(config.attentionSoftcap, 40);
  EXPECT_EQ(config.finalSoftcap, 20);
  EXPECT_EQ(config.window, 16);
  // 0 is none, as it is to llama.cpp; there is no other word for it.
  config = good(later("gemma2", 2,
                      {ggufF32("gemma2.attn_logit_softcapping", 0),
                       ggufF32("gemma2.final_logit_softcapping", 0)}));
  EXPECT_EQ(config.attentionSoftcap, 0);
  EXPECT_EQ(config.finalSoftcap, 0);
}

TEST_F(GgufConfigTest, Gemma3) {
  std::string window = ggufU32("gemma3.attention.sliding_window", 9);
  ModelConfig config = good(later("gemma3", 7, {window}));
  EXPECT_THAT(config.localLayers,
              ElementsAre(true, true, true, true, true, false, true));
  EXPECT_EQ(config.window, 9);
  EXPECT_EQ(config.ropeTheta, 1e6);
  EXPECT_EQ(config.localRopeTheta, 1e4);
  EXPECT_EQ(config.ropeFactor, 1);
  EXPECT_EQ(config.attentionSoftcap, 0);
  EXPECT_TRUE(config.hasQkNorms);
  config = good(later("gemma3", 62,
                      {window, ggufF32("gemma3.rope.freq_base", 5e5f),
                       ggufF32("gemma3.rope.freq_base_swa", 2e4f),
                       ggufString("gemma3.rope.scaling.type", "linear"),
                       ggufF32("gemma3.rope.scaling.factor", 8),
                       ggufU32("gemma3.attention.sliding_window_pattern", 2)}));
  EXPECT_EQ(config.queryScalar, 4);
  EXPECT_EQ(config.ropeTheta, 5e5);
  EXPECT_EQ(config.localRopeTheta, 2e4);
  EXPECT_EQ(config.ropeFactor, 8);
  EXPECT_FALSE(config.localLayers[1]);
  config =
      good(later("gemma3", 2,
                 {window, ggufArray("gemma3.attention.sliding_window_pattern",
                                    kBool, {std::string(1, '\0'), "\1"})}));
  EXPECT_THAT(config.localLayers, ElementsAre(false, true));
  config = good(
      later("gemma3", 1,
            {window, ggufU32("gemma3.attention.sliding_window_pattern", 1)}));
  EXPECT_THAT(config.localLayers, IsEmpty());
  EXPECT_EQ(config.window, 0);
}

TEST_F(GgufConfigTest, RefusesKeysOfLaterMembers) {
  std::string window = ggufU32("gemma3.attention.sliding_window", 9);
  EXPECT_THAT(errorOf(later("gemma3", 2, {})),
              HasSubstr("gemma3.attention.sliding_window: expected an"));
  EXPECT_THAT(
      errorOf(
          later("gemma3", 2,
                {window, ggufArray("gemma3.attention.sliding_window_pattern",
                                   kBool, {"\1"})})),
      HasSubstr("expected 2 bools, one a layer, found an array of 1 bool"));
  EXPECT_THAT(
      errorOf(later("gemma3", 2,
                    {window, ggufString("gemma3.rope.scaling.type", "yarn")})),
      HasSubstr("expected 'none' or 'linear', found 'yarn'"));
  EXPECT_THAT(
      errorOf(later("gemma2", 2,
                    {ggufString("gemma2.rope.scaling.type", "linear")})),
      HasSubstr("expected 'none', found 'linear'"));
  EXPECT_THAT(
      errorOf(later("gemma2", 2, {ggufF32("gemma2.rope.scaling.factor", 2)})),
      HasSubstr("rope.scaling.factor: expected 1 or no linear scaling"));
  for (float softcap : {-50.0f, std::nanf(""), HUGE_VALF}) {
    EXPECT_THAT(
        errorOf(later("gemma2", 2,
                      {ggufF32("gemma2.attn_logit_softcapping", softcap)})),
        HasSubstr("attn_logit_softcapping: expected an f32 above 0"));
  }
}

TEST_F(GgufConfigTest, RefusesKeys) {
  const std::string kRms = "gemma.attention.layer_norm_rms_epsilon";
  struct Case {
    std::string pair;
    const char *message;
  };
  const Case kCases[] = {
      {ggufString("general.architecture", "llama"),
       "general.architecture: expected 'gemma', 'gemma2' or 'gemma3', found "
       "'llama'"},
      {ggufU32("general.architecture", 1), "expected a string, found u32 1"},
      {ggufU32("gemma.block_count", 0), "an integer from 1 to 1024, found u32"},
      {ggufU32("gemma.block_count", 1025), "found u32 1025"},
      {ggufPair("gemma.block_count", kI32, raw<int32_t>(-1)), "found i32 -1"},
      {ggufArray("gemma.block_count", kU32, {raw(1)}), "an array of 1 u32"},
      {ggufU32("gemma.embedding_length", 1 << 21), "found u32 2097152"},
      {ggufU32("gemma.context_length", 0), "gemma.context_length: expected"},
      {ggufU32("gemma.attention.head_count_kv", 3),
       "a divisor of head_count = 2"},
      {ggufU32("gemma.attention.head_count_kv", 2), "no error"},
      {ggufU32("gemma.attention.key_length", 3), "expected an even number"},
      {ggufU32("gemma.attention.key_length", 6),
       "value_length: expected an integer from 6 to 6, found u32 4"},
      {ggufU32("gemma.rope.dimension_count", 2), "from 4 to 4, found u32 2"},
      {ggufF32("gemma.rope.freq_base", 0), "rope.freq_base: expected an f32"},
      {ggufF32("gemma.rope.scale_linear", 2), "expected rope.scaling.factor"},
      {ggufBool("gemma.attention.causal", false), "expected true, found false"},
      {ggufF32(kRms, 2), "an f32 above 0 and at most 1, found f32 2.0"},
      {ggufF32(kRms, 0), "found f32 0.0"},
      {ggufU32("tokenizer.ggml.eos_token_id", 268), "from 0 to 267"},
      {ggufU32("tokenizer.ggml.bos_token_id", UINT32_MAX), "from 0 to 267"},
      {ggufU32("tokenizer.ggml.tokens", 3), "expected an array of strings"},
  };
  for (const Case &each : kCases) {
    EXPECT_THAT(errorOf(with(tinyGguf(), each.pair)), HasSubstr(each.message));
  }
  for (const char *key :
       {"general.architecture", "gemma.context_length",
        "gemma.embedding_length", "gemma.block_count",
        "gemma.feed_forward_length", "gemma.attention.head_count"}) {
    EXPECT_THAT(errorOf(without(tinyGguf(), key)),
                HasSubstr(std::string(key) + ": expected "));
  }
  EXPECT_EQ(errorOf(without(tinyGguf(), "gemma.attention.head_count_kv")),
            "no error");
  EXPECT_EQ(good(without(tinyGguf(), "gemma.attention.key_length")).headDim, 4);
}

TEST_F(GgufConfigTest, RefusesEmbeddings) {
  GgufBuilder builder = tinyGguf();
  builder.tensors[0].name = "token_embed.weight";
  EXPECT_THAT(errorOf(builder), HasSubstr("'token_embd.weight': expected the "
                                          "embedding, found none"));
  builder = tinyGguf();
  builder.tensors[0].shape = {268 * 8};
  EXPECT_THAT(errorOf(builder), HasSubstr("expected a matrix"));
}

TEST(GgufNamesTest, OfEveryWeight) {
  ModelConfig config;
  EXPECT_EQ(ggufTensorName("embed_tokens", config), "token_embd.weight");
  EXPECT_EQ(ggufTensorName("norm", config), "output_norm.weight");
  EXPECT_EQ(ggufTensorName("lm_head", config), "output.weight");
  EXPECT_EQ(ggufTensorName("layers.13.o_proj", config),
            "blk.13.attn_output.weight");
  EXPECT_EQ(ggufTensorName("layers.0.post_attention_norm", config),
            "blk.0.ffn_norm.weight");
  config.hasPostNorms = true;
  EXPECT_EQ(ggufTensorName("layers.0.post_attention_norm", config),
            "blk.0.post_attention_norm.weight");
  EXPECT_EQ(ggufTensorName("layers.0.pre_feedforward_norm", config),
            "blk.0.ffn_norm.weight");
  EXPECT_EQ(ggufTensorName("layers.0.post_feedforward_norm", config),
            "blk.0.post_ffw_norm.weight");
  EXPECT_EQ(ggufTensorName("layers.0.k_norm", config),
            "blk.0.attn_k_norm.weight");
  EXPECT_EQ(ggufTensorName("layers.0.other", config), "");
  EXPECT_EQ(ggufTensorName("other", config), "");
}
