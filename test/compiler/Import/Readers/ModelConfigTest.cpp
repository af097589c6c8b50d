//===- ModelConfigTest.cpp - Tests of ModelConfig.cpp ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ModelConfig.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <nlohmann/json.hpp>

using namespace gemma;
using namespace gemma::testing;
using nlohmann::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// tinyConfig with one key changed.
static std::string with(const std::string &key, const json &value) {
  json config = json::parse(tinyConfig());
  config[key] = value;
  return config.dump();
}

static std::string without(const std::string &key) {
  json config = json::parse(tinyConfig());
  config.erase(key);
  return config.dump();
}

static std::string errorOf(const std::string &text) {
  Result<ModelConfig> config = parseModelConfig(text, "c");
  if (config) {
    return "no error";
  }
  EXPECT_EQ(config.error().code, ErrorCode::InvalidData);
  return config.error().message;
}

TEST(ModelConfigTest, ReadsShapeAndDefaults) {
  Result<ModelConfig> config = parseModelConfig(tinyConfig(), "c");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->hidden, 8);
  EXPECT_EQ(config->layers, 2);
  EXPECT_EQ(config->heads, 2);
  EXPECT_EQ(config->kvHeads, 1);
  EXPECT_EQ(config->headDim, 4);
  EXPECT_EQ(config->ff, 12);
  EXPECT_EQ(config->vocab, 300);
  EXPECT_EQ(config->context, 64);
  EXPECT_EQ(config->epsilon, 1e-6);
  EXPECT_EQ(config->ropeTheta, 1e4);
  EXPECT_TRUE(config->tiedHead);
  EXPECT_TRUE(config->addBos);
  EXPECT_EQ(config->bosToken, 2);
  EXPECT_THAT(config->eosTokens, ElementsAre(1));
}

TEST(ModelConfigTest, HiddenActOfGemma1IsNotTheActivation) {
  // "hidden_act": "gelu" is in tinyConfig, as in Gemma 1's own files.
  auto activation = [](const json &value) {
    return parseModelConfig(with("hidden_activation", value), "c")->activation;
  };
  EXPECT_EQ(parseModelConfig(tinyConfig(), "c")->activation,
            Activation::GeluTanh);
  EXPECT_EQ(activation(nullptr), Activation::GeluTanh);
  EXPECT_EQ(activation("gelu_pytorch_tanh"), Activation::GeluTanh);
  EXPECT_EQ(activation("gelu"), Activation::GeluErf);
  EXPECT_THAT(errorOf(with("hidden_activation", "silu")),
              HasSubstr("hidden_activation: expected \"gelu_pytorch_tanh\" or "
                        "\"gelu\", found 'silu'"));
}

TEST(ModelConfigTest, ReadsRopeInBothSpellings) {
  EXPECT_EQ(parseModelConfig(with("rope_theta", 5e5), "c")->ropeTheta, 5e5);
  json parameters = {{"rope_type", "default"}, {"rope_theta", 2e4}};
  EXPECT_EQ(
      parseModelConfig(with("rope_parameters", parameters), "c")->ropeTheta,
      2e4);
  EXPECT_EQ(errorOf(with("rope_scaling", nullptr)), "no error");
  EXPECT_THAT(
      errorOf(with("rope_scaling", {{"type", "linear"}, {"factor", 2.0}})),
      HasSubstr("rope_scaling: expected null or the default rotation, "
                "found 'linear'"));
  EXPECT_THAT(errorOf(with("rope_scaling", {{"factor", 8}})),
              HasSubstr("found factor 8"));
  EXPECT_THAT(errorOf(with("rope_parameters", {{"rope_theta", 0}})),
              HasSubstr("rope_parameters: expected a rope_theta above 0"));
  EXPECT_THAT(errorOf(with("rope_scaling", 3)), HasSubstr("found 3"));
}

TEST(ModelConfigTest, EveryErrorNamesItsKey) {
  struct Case {
    const char *key;
    json value;
  };
  const Case kCases[] = {
      {"model_type", "llama"},
      {"model_type", 3},
      {"model_type", nullptr},
      {"architectures", {"LlamaForCausalLM"}},
      {"architectures", json::array()},
      {"architectures", "GemmaForCausalLM"},
      {"architectures", {"GemmaForCausalLM", "x"}},
      {"hidden_size", 0},
      {"hidden_size", -8},
      {"hidden_size", 8.0},
      {"hidden_size", "8"},
      {"hidden_size", nullptr},
      {"hidden_size", true},
      {"hidden_size", 1LL << 40},
      {"hidden_size", UINT64_MAX},
      {"num_hidden_layers", 0},
      {"num_hidden_layers", 100000},
      {"num_attention_heads", 0},
      {"num_attention_heads", {2}},
      {"num_key_value_heads", 0},
      {"num_key_value_heads", 3},
      {"num_key_value_heads", 4},
      {"head_dim", 5},
      {"head_dim", 0},
      {"head_dim", -4},
      {"intermediate_size", 0},
      {"intermediate_size", -1},
      {"vocab_size", 0},
      {"vocab_size", 1LL << 32},
      {"max_position_embeddings", 0},
      {"max_position_embeddings", "x"},
      {"rms_norm_eps", 0},
      {"rms_norm_eps", -1e-6},
      {"rms_norm_eps", 2},
      {"rms_norm_eps", "1e-6"},
      {"rope_theta", 0},
      {"rope_theta", -1},
      {"rope_theta", 1e300},
      {"attention_bias", true},
      {"attention_bias", 1},
      {"use_bidirectional_attention", true},
      {"quantization_config", {{"bits", 4}}},
      {"tie_word_embeddings", "yes"},
      {"bos_token_id", 300},
      {"bos_token_id", -1},
      {"eos_token_id", -1},
      {"eos_token_id", 300},
      {"eos_token_id", {1, 300}},
      {"eos_token_id", {1, "x"}},
      {"eos_token_id", 1.5},
      {"pad_token_id", 300},
  };
  for (const Case &each : kCases) {
    EXPECT_THAT(errorOf(with(each.key, each.value)),
                StartsWith("c: " + std::string(each.key) + ": expected "))
        << each.value;
  }
  EXPECT_THAT(errorOf(without("hidden_size")),
              HasSubstr("c: hidden_size: expected an integer from 1 to 1048576"
                        ", found none"));
}

TEST(ModelConfigTest, WholeHeadsAreLimited) {
  json config = json::parse(tinyConfig());
  config["num_attention_heads"] = 4096;
  config["head_dim"] = 4096;
  EXPECT_THAT(errorOf(config.dump()), HasSubstr("head_dim: expected at most"));
}

TEST(ModelConfigTest, OptionalKeysMayBeAbsent) {
  for (const char *key : {"architectures", "num_key_value_heads", "head_dim",
                          "max_position_embeddings", "bos_token_id",
                          "eos_token_id", "pad_token_id", "hidden_act"}) {
    EXPECT_EQ(errorOf(without(key)), "no error") << key;
  }
  EXPECT_EQ(parseModelConfig(without("num_key_value_heads"), "c")->kvHeads, 2);
  EXPECT_EQ(parseModelConfig(without("head_dim"), "c")->headDim, 256);
  EXPECT_EQ(parseModelConfig(without("bos_token_id"), "c")->bosToken, -1);
}

TEST(GenerationConfigTest, OverridesTokensAndGivesSampling) {
  ModelConfig config = *parseModelConfig(tinyConfig(), "c");
  auto read = parseGenerationConfig(
      R"({"eos_token_id": [1, 107, 1], "do_sample": true, "temperature": 0.7,
          "top_k": 64, "top_p": 0.95})",
      "g", config);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(config.eosTokens, ElementsAre(1, 107));
  EXPECT_EQ(config.temperature, 0.7);
  EXPECT_EQ(config.topK, 64);
  EXPECT_EQ(config.topP, 0.95);
}

TEST(GenerationConfigTest, GreedyModelsGiveNoSampling) {
  ModelConfig config = *parseModelConfig(tinyConfig(), "c");
  ASSERT_TRUE(parseGenerationConfig(
      R"({"do_sample": false, "temperature": 1.0, "top_k": 50})", "g", config));
  EXPECT_EQ(config.temperature, 0);
  EXPECT_EQ(config.topK, 0);
  ASSERT_TRUE(parseGenerationConfig(R"({"temperature": 0.0})", "g", config));
  EXPECT_THAT(config.eosTokens, ElementsAre(1));
}

TEST(GenerationConfigTest, EveryErrorNamesItsKey) {
  for (const char *text :
       {R"({"temperature": -1})", R"({"temperature": "hot"})",
        R"({"temperature": 1e9})", R"({"top_k": -1})", R"({"top_k": 1.5})",
        R"({"top_p": 1.5})", R"({"top_p": 0})", R"({"do_sample": 1})",
        R"({"eos_token_id": "x"})", R"({"eos_token_id": [[1]]})",
        R"({"eos_token_id": 4000})", R"({"bos_token_id": 4000})",
        R"({"pad_token_id": -2})"}) {
    ModelConfig config = *parseModelConfig(tinyConfig(), "c");
    auto read = parseGenerationConfig(text, "g", config);
    ASSERT_FALSE(read) << text;
    std::string key = json::parse(text).begin().key();
    EXPECT_THAT(read.error().message, StartsWith("g: " + key + ": expected "));
  }
}

TEST(TokenizerConfigTest, ReadsSpecialPiecesAndTemplate) {
  ModelConfig config;
  auto read = parseTokenizerConfig(
      R"({"add_bos_token": false, "bos_token": {"content": "<bos>"},
          "eos_token": "<eos>", "pad_token": null,
          "additional_special_tokens": ["<x>"],
          "added_tokens_decoder": {"7": {"content": "<y>", "special": true},
                                   "8": {"content": "<b>", "special": false}},
          "chat_template": "{{ '<start_of_turn>' }}"})",
      "t", config);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(config.addBos);
  EXPECT_EQ(config.chatFormat, "gemma");
  EXPECT_THAT(config.specialPieces,
              ElementsAre("<bos>", "<eos>", "<x>", "<y>"));
  EXPECT_EQ(config.addedTokens, (AddedTokens{{7, "<y>"}, {8, "<b>"}}));
}

TEST(TokenizerConfigTest, KnowsGemmasTurnsOnly) {
  auto formatOf = [](const char *text) {
    ModelConfig config;
    EXPECT_TRUE(parseTokenizerConfig(text, "t", config));
    return config.chatFormat;
  };
  EXPECT_EQ(formatOf("{}"), "");
  EXPECT_EQ(formatOf(R"({"chat_template": null})"), "");
  EXPECT_EQ(formatOf(R"({"chat_template": "<|im_start|>"})"), "");
  EXPECT_EQ(
      formatOf(
          R"({"chat_template": [{"name": "a", "template": "<start_of_turn>"}]})"),
      "gemma");
  EXPECT_EQ(formatOf(R"({"chat_template":
                         "<start_of_turn>{{ first_user_prefix + '\n\n' }}"})"),
            "gemma3");
}

TEST(TokenizerConfigTest, EveryErrorNamesItsKey) {
  for (const char *text :
       {R"({"add_bos_token": "x"})", R"({"bos_token": 3})",
        R"({"additional_special_tokens": "x"})",
        R"({"additional_special_tokens": [3]})",
        R"({"added_tokens_decoder": []})", R"({"added_tokens_decoder": [1]})",
        R"({"added_tokens_decoder": {"1": 2}})",
        R"({"added_tokens_decoder": {"1": {"special": true}}})",
        R"({"added_tokens_decoder": {"x": {"content": "a"}}})",
        R"({"added_tokens_decoder": {"-1": {"content": "a"}}})",
        R"({"added_tokens_decoder": {"99999999999999999999": {}}})",
        R"({"chat_template": 1})"}) {
    ModelConfig config;
    auto read = parseTokenizerConfig(text, "t", config);
    ASSERT_FALSE(read) << text;
    std::string key = json::parse(text).begin().key();
    EXPECT_THAT(read.error().message, StartsWith("t: " + key + ": expected "));
  }
}

TEST(ReadModelConfigTest, ReadsAFolder) {
  TemporaryFolder folder;
  writeTinyCheckpoint(folder.path);
  Result<ModelConfig> config = readModelConfig(folder.path);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->topK, 7);
  EXPECT_EQ(config->chatFormat, "gemma");
}

TEST(ReadModelConfigTest, TemplateMayBeAFile) {
  TemporaryFolder folder;
  writeFile(folder / "config.json", tinyConfig());
  EXPECT_EQ(readModelConfig(folder.path)->chatFormat, "");
  writeFile(folder / "chat_template.jinja", "{{'<start_of_turn>'}}");
  EXPECT_EQ(readModelConfig(folder.path)->chatFormat, "gemma");
  // It comes before the one of tokenizer_config.json, as in transformers.
  writeFile(folder / "tokenizer_config.json",
            R"({"chat_template":
                "<start_of_turn>{{ first_user_prefix + '\n\n' }}"})");
  EXPECT_EQ(readModelConfig(folder.path)->chatFormat, "gemma");
  writeFile(folder / "chat_template.jinja", "<|im_start|>");
  EXPECT_EQ(readModelConfig(folder.path)->chatFormat, "");
}

TEST(ReadModelConfigTest, SaysWhatIsMissing) {
  TemporaryFolder folder;
  auto absent = readModelConfig(folder / "none");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::NotFound);
  EXPECT_THAT(absent.error().message, HasSubstr("none: expected a checkpoint's "
                                                "folder or a GGUF file, found "
                                                "none"));
  auto empty = readModelConfig(folder.path);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, ErrorCode::NotFound);
  EXPECT_THAT(empty.error().message,
              ::testing::EndsWith("config.json: expected a file, found none"));
  writeFile(folder / "file", "");
  auto file = readModelConfig(folder / "file");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::InvalidData);
  EXPECT_THAT(file.error().message,
              HasSubstr("folder or a GGUF file, found another file"));
}

TEST(ReadModelConfigTest, NamesTheGgufFileOfAFolder) {
  TemporaryFolder folder;
  auto message = [&] {
    auto config = readModelConfig(folder.path);
    EXPECT_EQ(config.error().code, ErrorCode::NotFound);
    return config.error().message;
  };
  writeFile(folder / "mmproj-f16.gguf", "");
  EXPECT_THAT(message(), ::testing::EndsWith("found none"));
  writeFile(folder / "n-2.gguf", "");
  writeFile(folder / "n-1.gguf", "");
  EXPECT_THAT(message(), HasSubstr("config.json: expected a file, found none; "
                                   "'n-1.gguf' is there: compile that file"));
  writeFile(folder / "config.json", tinyConfig());
  EXPECT_TRUE(readModelConfig(folder.path));
}
