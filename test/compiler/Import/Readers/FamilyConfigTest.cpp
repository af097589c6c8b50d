//===- FamilyConfigTest.cpp - Tests of FamilyConfig.cpp -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/FamilyConfig.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Files as they are published, without the keys that nothing reads.

static json gemma2() {
  return json::parse(R"({
    "architectures": ["Gemma2ForCausalLM"], "attention_bias": false,
    "attn_logit_softcapping": 50.0, "bos_token_id": 2,
    "cache_implementation": "hybrid", "eos_token_id": 1,
    "final_logit_softcapping": 30.0, "head_dim": 128,
    "hidden_act": "gelu_pytorch_tanh",
    "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 4608,
    "intermediate_size": 36864, "max_position_embeddings": 8192,
    "model_type": "gemma2", "num_attention_heads": 32,
    "num_hidden_layers": 46, "num_key_value_heads": 16, "pad_token_id": 0,
    "query_pre_attn_scalar": 144, "rms_norm_eps": 1e-06,
    "rope_theta": 10000.0, "sliding_window": 4096, "vocab_size": 256000})");
}

static json gemma3Text() {
  return json::parse(R"({
    "architectures": ["Gemma3ForCausalLM"], "attention_bias": false,
    "attn_logit_softcapping": null, "bos_token_id": 2,
    "eos_token_id": [1, 106], "final_logit_softcapping": null,
    "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
    "hidden_size": 1152, "intermediate_size": 6912,
    "max_position_embeddings": 32768, "model_type": "gemma3_text",
    "num_attention_heads": 4, "num_hidden_layers": 26,
    "num_key_value_heads": 1, "pad_token_id": 0,
    "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06,
    "rope_local_base_freq": 10000, "rope_scaling": null,
    "rope_theta": 1000000, "sliding_window": 512,
    "sliding_window_pattern": 6, "vocab_size": 262144})");
}

/// That of 4B, which leaves to transformers what it can.
static json gemma3() {
  return json::parse(R"({
    "architectures": ["Gemma3ForConditionalGeneration"],
    "boi_token_index": 255999, "eoi_token_index": 256000,
    "eos_token_id": [1, 106], "image_token_index": 262144,
    "mm_tokens_per_image": 256, "model_type": "gemma3",
    "text_config": {
      "hidden_size": 2560, "intermediate_size": 10240,
      "model_type": "gemma3_text", "num_hidden_layers": 34,
      "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
      "sliding_window": 1024},
    "vision_config": {"hidden_size": 1152, "model_type":
      "siglip_vision_model"}})");
}

static ModelConfig parse(const json &text) {
  Result<ModelConfig> config = parseModelConfig(text.dump(), "c");
  EXPECT_TRUE(config) << (config ? "" : config.error().message);
  return config ? *config : ModelConfig();
}

static std::string errorOf(const json &text) {
  Result<ModelConfig> config = parseModelConfig(text.dump(), "c");
  if (config) {
    return "no error";
  }
  EXPECT_EQ(config.error().code, ErrorCode::InvalidData);
  return config.error().message;
}

static json with(json text, const char *key, const json &value) {
  text[key] = value;
  return text;
}

static json without(json text, const char *key) {
  text.erase(key);
  return text;
}

TEST(FamilyConfigTest, ReadsGemma2) {
  ModelConfig config = parse(gemma2());
  EXPECT_EQ(config.family, "gemma2");
  EXPECT_EQ(config.architecture, "Gemma2ForCausalLM");
  EXPECT_EQ(config.queryScalar, 144);
  EXPECT_EQ(config.window, 4096);
  ASSERT_EQ(config.localLayers.size(), 46u);
  EXPECT_TRUE(config.isLocal(0));
  EXPECT_FALSE(config.isLocal(45));
  EXPECT_EQ(config.ropeTheta, 1e4);
  EXPECT_EQ(config.localRopeTheta, 1e4);
  EXPECT_EQ(config.ropeFactor, 1);
  EXPECT_EQ(config.attentionSoftcap, 50);
  EXPECT_EQ(config.finalSoftcap, 30);
  EXPECT_TRUE(config.hasPostNorms);
  EXPECT_FALSE(config.hasQkNorms);
}

TEST(FamilyConfigTest, ReadsGemma3Text) {
  ModelConfig config = parse(gemma3Text());
  EXPECT_EQ(config.family, "gemma3");
  EXPECT_FALSE(config.isMultimodal);
  EXPECT_EQ(config.vocab, 262144);
  EXPECT_EQ(config.window, 512);
  EXPECT_TRUE(config.isLocal(4));
  EXPECT_FALSE(config.isLocal(5));
  EXPECT_TRUE(config.isLocal(25));
  EXPECT_EQ(config.ropeTheta, 1e6);
  EXPECT_EQ(config.localRopeTheta, 1e4);
  EXPECT_EQ(config.ropeFactor, 1);
  EXPECT_EQ(config.attentionSoftcap, 0);
  EXPECT_EQ(config.finalSoftcap, 0);
  EXPECT_TRUE(config.hasPostNorms);
  EXPECT_TRUE(config.hasQkNorms);
  EXPECT_THAT(config.eosTokens, ElementsAre(1, 106));
}

TEST(FamilyConfigTest, ReadsMultimodalGemma3WithTransformersDefaults) {
  ModelConfig config = parse(gemma3());
  EXPECT_EQ(config.family, "gemma3");
  EXPECT_TRUE(config.isMultimodal);
  EXPECT_EQ(config.hidden, 2560);
  EXPECT_EQ(config.heads, 8);
  EXPECT_EQ(config.kvHeads, 4);
  EXPECT_EQ(config.headDim, 256);
  EXPECT_EQ(config.embeddingRows, 262208);
  EXPECT_EQ(config.vocab, 262144);
  EXPECT_EQ(config.context, 131072);
  EXPECT_EQ(config.queryScalar, 256);
  EXPECT_EQ(config.ropeTheta, 1e6);
  EXPECT_EQ(config.ropeFactor, 8);
  EXPECT_EQ(config.window, 1024);
  EXPECT_FALSE(config.isLocal(29));
  EXPECT_TRUE(config.isLocal(33));
  EXPECT_TRUE(config.tiedHead);
  EXPECT_THAT(config.eosTokens, ElementsAre(1, 106));
  EXPECT_EQ(config.bosToken, 2);
  EXPECT_EQ(config.padToken, 0);
}

TEST(FamilyConfigTest, DefaultsAreTransformers) {
  ModelConfig second = parse({{"model_type", "gemma2"}});
  EXPECT_EQ(second.hidden, 2304);
  EXPECT_EQ(second.layers, 26);
  EXPECT_EQ(second.ff, 9216);
  EXPECT_EQ(second.vocab, 256000);
  EXPECT_EQ(second.context, 8192);
  EXPECT_EQ(second.window, 4096);
  EXPECT_EQ(second.queryScalar, 256);
  EXPECT_EQ(second.attentionSoftcap, 50);
  EXPECT_EQ(second.finalSoftcap, 30);
  EXPECT_EQ(second.bosToken, 2);
  EXPECT_THAT(second.eosTokens, ElementsAre(1));
  ModelConfig third = parse({{"model_type", "gemma3_text"}});
  EXPECT_EQ(third.vocab, 262208);
  EXPECT_EQ(third.window, 4096);
  EXPECT_EQ(third.attentionSoftcap, 0);
  EXPECT_FALSE(third.isLocal(5));
}

TEST(FamilyConfigTest, NullIsNoSoftcap) {
  EXPECT_EQ(
      parse(with(gemma2(), "attn_logit_softcapping", nullptr)).attentionSoftcap,
      0);
  EXPECT_EQ(
      parse(with(gemma2(), "final_logit_softcapping", nullptr)).finalSoftcap,
      0);
  EXPECT_EQ(
      parse(with(gemma3Text(), "final_logit_softcapping", 20.0)).finalSoftcap,
      20);
}

TEST(FamilyConfigTest, LayerTypesComeBeforeThePattern) {
  json types = json::array();
  for (int i = 0; i < 26; ++i) {
    types.push_back(i == 3 ? "full_attention" : "sliding_attention");
  }
  ModelConfig config = parse(with(gemma3Text(), "layer_types", types));
  EXPECT_FALSE(config.isLocal(3));
  EXPECT_TRUE(config.isLocal(5));
  // A pattern of 1 leaves no local layer, and a window nothing to say.
  config = parse(with(gemma3Text(), "sliding_window_pattern", 1));
  EXPECT_EQ(config.window, 0);
  EXPECT_FALSE(config.isLocal(0));
  types.push_back("full_attention");
  EXPECT_THAT(errorOf(with(gemma3Text(), "layer_types", types)),
              HasSubstr("layer_types: expected a list for num_hidden_layers = "
                        "26, found 27 entries"));
  types.erase(25);
  types[25] = "chunked_attention";
  EXPECT_THAT(errorOf(with(gemma3Text(), "layer_types", types)),
              HasSubstr("layer_types: expected \"sliding_attention\" or "
                        "\"full_attention\", found 'chunked_attention'"));
}

TEST(FamilyConfigTest, ReadsRotationsPerKindOfLayer) {
  json parameters = {
      {"full_attention",
       {{"rope_type", "linear"}, {"factor", 4.0}, {"rope_theta", 2e6}}},
      {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 3e4}}}};
  json text = without(without(gemma3Text(), "rope_theta"), "rope_scaling");
  ModelConfig config = parse(with(text, "rope_parameters", parameters));
  EXPECT_EQ(config.ropeTheta, 2e6);
  EXPECT_EQ(config.ropeFactor, 4);
  EXPECT_EQ(config.localRopeTheta, 3e4);
  parameters["sliding_attention"]["rope_type"] = "linear";
  EXPECT_THAT(errorOf(with(text, "rope_parameters", parameters)),
              HasSubstr("rope_parameters: expected null or the default "
                        "rotation, found 'linear'"));
  parameters["sliding_attention"] = 3;
  EXPECT_THAT(errorOf(with(text, "rope_parameters", parameters)),
              HasSubstr("expected an object for sliding_attention, found 3"));
  json flat = {{"rope_type", "default"}, {"rope_theta", 5e4}};
  config =
      parse(with(without(gemma2(), "rope_theta"), "rope_parameters", flat));
  EXPECT_EQ(config.ropeTheta, 5e4);
  EXPECT_EQ(config.localRopeTheta, 5e4);
}

TEST(FamilyConfigTest, OnlyGemma3ScalesPositions) {
  json linear = {{"type", "linear"}, {"factor", 2}};
  EXPECT_EQ(parse(with(gemma3Text(), "rope_scaling", linear)).ropeFactor, 2);
  EXPECT_THAT(errorOf(with(gemma2(), "rope_scaling", linear)),
              HasSubstr("rope_scaling: expected null or the default rotation, "
                        "found 'linear'"));
  EXPECT_THAT(errorOf(with(gemma3Text(), "rope_scaling",
                           {{"rope_type", "yarn"}, {"factor", 8}})),
              HasSubstr("rope_scaling: expected null, default or linear "
                        "scaling, found 'yarn'"));
  EXPECT_THAT(errorOf(with(gemma3Text(), "rope_scaling", {{"factor", 8}})),
              HasSubstr("found factor 8"));
  EXPECT_THAT(errorOf(with(gemma3Text(), "rope_scaling",
                           {{"rope_type", "linear"}, {"factor", 0}})),
              HasSubstr("rope_scaling: expected a factor above 0, found 0"));
}

TEST(FamilyConfigTest, EveryErrorNamesItsKey) {
  struct Case {
    const char *key;
    json value;
  };
  const Case kCases[] = {
      {"model_type", "gemma3n"},
      {"architectures", {"Gemma3TextModel"}},
      {"architectures", {"Gemma2ForCausalLM"}},
      {"query_pre_attn_scalar", 0},
      {"query_pre_attn_scalar", "x"},
      {"sliding_window", 0},
      {"sliding_window", -1},
      {"sliding_window", nullptr},
      {"sliding_window_pattern", 0},
      {"layer_types", "full_attention"},
      {"rope_local_base_freq", 0},
      {"rope_scaling", 8},
      {"attn_logit_softcapping", 0},
      {"final_logit_softcapping", "30"},
      {"use_bidirectional_attention", true},
      {"attention_bias", true},
      {"quantization_config", {{"bits", 4}}},
  };
  for (const Case &each : kCases) {
    EXPECT_THAT(errorOf(with(gemma3Text(), each.key, each.value)),
                StartsWith("c: " + std::string(each.key) + ": expected "))
        << each.value;
  }
}

TEST(FamilyConfigTest, MultimodalErrorsNameTheirPlace) {
  json text = gemma3();
  text["text_config"]["head_dim"] = 5;
  EXPECT_THAT(errorOf(text),
              StartsWith("c: text_config: head_dim: expected an even number"));
  EXPECT_THAT(errorOf(without(gemma3(), "text_config")),
              StartsWith("c: text_config: expected an object, found none"));
  EXPECT_THAT(errorOf(with(gemma3(), "text_config", 3)),
              StartsWith("c: text_config: expected an object, found 3"));
  EXPECT_THAT(errorOf(with(gemma3(), "eos_token_id", 262144)),
              StartsWith("c: eos_token_id: expected an integer from 0 to "
                         "262143"));
  EXPECT_THAT(errorOf(with(gemma3(), "quantization_config", {{"bits", 4}})),
              StartsWith("c: quantization_config: expected none"));
}
