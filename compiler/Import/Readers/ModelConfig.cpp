//===- ModelConfig.cpp - What a checkpoint's JSON files say of a model ----===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ModelConfig.h"

#include "compiler/Import/Readers/JsonFields.h"
#include "compiler/Import/Readers/MappedFile.h"
#include "compiler/Import/Readers/Message.h"

#include <algorithm>

using namespace gemma;
using nlohmann::json;

// A dimension's limit is far above any Gemma's and keeps products of two
// within 64 bits.
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxHeads = 1 << 12;
constexpr int64_t kMaxHeadDim = 1 << 12;
constexpr int64_t kMaxLayers = 1 << 10;
constexpr int64_t kMaxVocab = 1 << 24;
constexpr int64_t kMaxContext = 1 << 24;
constexpr size_t kMaxEosTokens = 64;
constexpr uint64_t kMaxConfigBytes = 1 << 20;
constexpr uint64_t kMaxTokenizerConfigBytes = 32 << 20;

//===----------------------------------------------------------------------===//
// config.json
//===----------------------------------------------------------------------===//

static void checkArchitecture(JsonFields &fields) {
  constexpr const char *kExpected = "\"gemma\" (Gemma 1 or CodeGemma)";
  const json *type = fields.find("model_type");
  if (!type || !type->is_string() ||
      type->get_ref<const std::string &>() != "gemma") {
    fields.fail("model_type", kExpected, type ? describeJson(*type) : "none");
    return;
  }
  const json *names = fields.find("architectures");
  if (!names) {
    return; // model_type has said it
  }
  bool known = names->is_array() && names->size() == 1 &&
               names->front() == "GemmaForCausalLM";
  if (!known) {
    bool one = names->is_array() && names->size() == 1;
    fields.fail("architectures", "[\"GemmaForCausalLM\"]",
                describeJson(one ? names->front() : *names));
  }
}

/// rope_scaling (or, since transformers 5, rope_parameters) must be what
/// Gemma 1 has: plain rotation. Gives the base.
static double readRope(JsonFields &fields) {
  constexpr double kMaxTheta = 1e12;
  double theta = fields.number("rope_theta", 0, kMaxTheta, 1e4);
  for (const char *key : {"rope_scaling", "rope_parameters"}) {
    const json *value = fields.find(key);
    if (!value) {
      continue;
    }
    if (!value->is_object()) {
      fields.fail(key, "null or the default rotation", describeJson(*value));
      continue;
    }
    for (const char *kind : {"rope_type", "type"}) {
      auto place = value->find(kind);
      if (place != value->end() && *place != "default") {
        fields.fail(key, "null or the default rotation", describeJson(*place));
      }
    }
    auto factor = value->find("factor");
    if (factor != value->end() && *factor != 1) {
      fields.fail(key, "null or the default rotation",
                  "factor " + describeJson(*factor));
    }
    JsonFields inner(*value, "");
    double base = inner.number("rope_theta", 0, kMaxTheta, theta);
    if (inner.error) {
      fields.fail(key, "a rope_theta above 0",
                  describeJson(*inner.find("rope_theta")));
    }
    theta = base;
  }
  return theta;
}

static Activation readActivation(JsonFields &fields) {
  const json *value = fields.find("hidden_activation");
  if (!value || *value == "gelu_pytorch_tanh") {
    return Activation::GeluTanh;
  }
  if (*value != "gelu") {
    fields.fail("hidden_activation", "\"gelu_pytorch_tanh\" or \"gelu\"",
                describeJson(*value));
  }
  return Activation::GeluErf;
}

/// End tokens: a number, a list of numbers, or nothing.
static std::vector<int64_t> readEosTokens(JsonFields &fields, int64_t vocab) {
  constexpr const char *kKey = "eos_token_id";
  const json *value = fields.find(kKey);
  if (!value) {
    return {};
  }
  if (!value->is_array()) {
    return {fields.integer(kKey, 0, vocab - 1)};
  }
  if (value->size() > kMaxEosTokens) {
    fields.fail(kKey, "at most " + std::to_string(kMaxEosTokens) + " tokens",
                describeJson(*value));
    return {};
  }
  std::vector<int64_t> tokens;
  for (const json &token : *value) {
    bool fits = token.is_number_unsigned() &&
                token.get<uint64_t>() < static_cast<uint64_t>(vocab);
    if (!fits) {
      fields.fail(kKey, "integers from 0 to " + std::to_string(vocab - 1),
                  describeJson(token));
      return {};
    }
    if (std::find(tokens.begin(), tokens.end(), token.get<int64_t>()) ==
        tokens.end()) {
      tokens.push_back(token.get<int64_t>());
    }
  }
  return tokens;
}

static void refuse(JsonFields &fields, const char *key) {
  if (const json *value = fields.find(key)) {
    fields.fail(key, "none (not supported)", describeJson(*value));
  }
}

Result<ModelConfig> gemma::parseModelConfig(std::string_view text,
                                            std::string_view file) {
  Result<json> object = parseJsonObject(text, file);
  if (!object) {
    return object.takeError();
  }
  JsonFields fields(*object, file);
  checkArchitecture(fields);
  ModelConfig config;
  config.hidden = fields.integer("hidden_size", 1, kMaxWidth);
  config.layers = fields.integer("num_hidden_layers", 1, kMaxLayers);
  config.heads = fields.integer("num_attention_heads", 1, kMaxHeads);
  config.kvHeads =
      fields.integer("num_key_value_heads", 1, kMaxHeads, config.heads);
  config.headDim = fields.integer("head_dim", 2, kMaxHeadDim, 256);
  config.ff = fields.integer("intermediate_size", 1, kMaxWidth);
  config.vocab = fields.integer("vocab_size", 1, kMaxVocab);
  config.context =
      fields.integer("max_position_embeddings", 1, kMaxContext, 8192);
  config.epsilon = fields.number("rms_norm_eps", 0, 1, 1e-6);
  config.ropeTheta = readRope(fields);
  config.activation = readActivation(fields);
  config.tiedHead = fields.boolean("tie_word_embeddings", true);
  if (config.headDim % 2 != 0) {
    fields.fail("head_dim", "an even number", std::to_string(config.headDim));
  }
  if (config.heads % config.kvHeads != 0) {
    fields.fail("num_key_value_heads",
                "a divisor of num_attention_heads = " +
                    std::to_string(config.heads),
                std::to_string(config.kvHeads));
  }
  if (config.heads * config.headDim > kMaxWidth) {
    fields.fail("head_dim",
                "at most " + std::to_string(kMaxWidth) +
                    " elements in all heads",
                std::to_string(config.heads * config.headDim));
  }
  if (fields.boolean("attention_bias", false)) {
    fields.fail("attention_bias", "false", "true");
  }
  if (fields.boolean("use_bidirectional_attention", false)) {
    fields.fail("use_bidirectional_attention", "false", "true");
  }
  refuse(fields, "quantization_config");
  config.bosToken = fields.integer("bos_token_id", 0, config.vocab - 1, -1);
  // Some converters write -1 for "none".
  config.padToken = fields.integer("pad_token_id", -1, config.vocab - 1, -1);
  config.eosTokens = readEosTokens(fields, config.vocab);
  if (fields.error) {
    return *fields.error;
  }
  return config;
}

//===----------------------------------------------------------------------===//
// generation_config.json
//===----------------------------------------------------------------------===//

Result<void> gemma::parseGenerationConfig(std::string_view text,
                                          std::string_view file,
                                          ModelConfig &config) {
  Result<json> object = parseJsonObject(text, file);
  if (!object) {
    return object.takeError();
  }
  JsonFields fields(*object, file);
  if (fields.find("eos_token_id")) {
    config.eosTokens = readEosTokens(fields, config.vocab);
  }
  config.bosToken =
      fields.integer("bos_token_id", 0, config.vocab - 1, config.bosToken);
  config.padToken =
      fields.integer("pad_token_id", -1, config.vocab - 1, config.padToken);
  double temperature = 0;
  // 0 is greedy decoding, which is also what "not given" leads to.
  if (const json *value = fields.find("temperature"); value && *value != 0) {
    temperature = fields.number("temperature", 0, 100, 0);
  }
  int64_t topK = fields.integer("top_k", 0, kMaxVocab, 0);
  double topP = fields.number("top_p", 0, 1, 0);
  if (fields.boolean("do_sample", true)) {
    config.temperature = temperature;
    config.topK = topK;
    config.topP = topP;
  }
  if (fields.error) {
    return *fields.error;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// tokenizer_config.json
//===----------------------------------------------------------------------===//

/// Whether a template writes Gemma's turns. A fine-tune may bring another
/// format, which its prompt must then be given in.
static bool hasTurns(const json &value) {
  if (value.is_string()) {
    return value.get_ref<const std::string &>().find("<start_of_turn>") !=
           std::string::npos;
  }
  // Several: [{"name": "default", "template": "..."}, ...].
  return value.is_array() &&
         std::any_of(value.begin(), value.end(), [](const json &entry) {
           if (!entry.is_object()) {
             return false;
           }
           auto text = entry.find("template");
           return text != entry.end() && text->is_string() && hasTurns(*text);
         });
}

/// A token is its text, or an object with its text as `content`.
static const std::string *tokenText(const json &value) {
  const json *text = &value;
  if (value.is_object()) {
    auto content = value.find("content");
    text = content == value.end() ? nullptr : &*content;
  }
  return text && text->is_string() ? text->get_ptr<const std::string *>()
                                   : nullptr;
}

static void readSpecialPieces(JsonFields &fields,
                              std::vector<std::string> &pieces) {
  auto add = [&](const char *key, const json &value) {
    if (const std::string *text = tokenText(value)) {
      pieces.push_back(*text);
    } else {
      fields.fail(key, "a token's text", describeJson(value));
    }
  };
  for (const char *key : {"bos_token", "eos_token", "pad_token"}) {
    if (const json *value = fields.find(key)) {
      add(key, *value);
    }
  }
  if (const json *list = fields.find("additional_special_tokens")) {
    if (!list->is_array()) {
      fields.fail("additional_special_tokens", "a list", describeJson(*list));
      return;
    }
    for (const json &value : *list) {
      add("additional_special_tokens", value);
    }
  }
  constexpr const char *kAdded = "added_tokens_decoder";
  const json *added = fields.find(kAdded);
  if (!added) {
    return;
  }
  if (!added->is_object()) {
    fields.fail(kAdded, "an object", describeJson(*added));
    return;
  }
  for (const json &value : *added) {
    if (!value.is_object()) {
      fields.fail(kAdded, "objects", describeJson(value));
      return;
    }
    auto special = value.find("special");
    if (special != value.end() && *special == true) {
      add(kAdded, value);
    }
  }
}

Result<void> gemma::parseTokenizerConfig(std::string_view text,
                                         std::string_view file,
                                         ModelConfig &config) {
  Result<json> object = parseJsonObject(text, file);
  if (!object) {
    return object.takeError();
  }
  JsonFields fields(*object, file);
  config.addBos = fields.boolean("add_bos_token", true);
  readSpecialPieces(fields, config.specialPieces);
  if (const json *value = fields.find("chat_template")) {
    if (!value->is_string() && !value->is_array()) {
      fields.fail("chat_template", "a string", describeJson(*value));
    }
    config.hasChatTemplate |= hasTurns(*value);
  }
  if (fields.error) {
    return *fields.error;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// The folder
//===----------------------------------------------------------------------===//

Result<ModelConfig> gemma::readModelConfig(const std::string &directory) {
  std::string path = directory + "/config.json";
  if (!entryExists(directory + "/.")) {
    return entryExists(directory)
               ? badFile(directory, "a checkpoint's folder", "a file")
               : notFound(printablePath(directory) +
                          ": expected a checkpoint's folder, found none");
  }
  Result<std::string> text = readSmallFile(path, kMaxConfigBytes);
  if (!text) {
    return text.takeError();
  }
  Result<ModelConfig> config = parseModelConfig(*text, path);
  if (!config) {
    return config;
  }
  struct Optional {
    const char *name;
    uint64_t limit;
    Result<void> (*parse)(std::string_view, std::string_view, ModelConfig &);
  };
  constexpr Optional kOptional[] = {
      {"generation_config.json", kMaxConfigBytes, parseGenerationConfig},
      {"tokenizer_config.json", kMaxTokenizerConfigBytes, parseTokenizerConfig},
      {"chat_template.jinja", kMaxConfigBytes,
       [](std::string_view text, std::string_view, ModelConfig &config) {
         config.hasChatTemplate |=
             text.find("<start_of_turn>") != std::string_view::npos;
         return Result<void>();
       }},
  };
  for (const Optional &file : kOptional) {
    path = directory + "/" + file.name;
    if (!entryExists(path)) {
      continue;
    }
    text = readSmallFile(path, file.limit);
    if (!text) {
      return text.takeError();
    }
    if (Result<void> parsed = file.parse(*text, path, *config); !parsed) {
      return parsed.takeError();
    }
  }
  return config;
}

const ModelConfig *gemma::findKnownConfig(std::string_view name) {
  static const auto make = [](int64_t layers, int64_t hidden, int64_t ff,
                              int64_t heads, int64_t kvHeads) {
    ModelConfig config;
    config.hidden = hidden;
    config.layers = layers;
    config.heads = heads;
    config.kvHeads = kvHeads;
    config.headDim = 256;
    config.ff = ff;
    config.vocab = 256000;
    config.context = 8192;
    config.bosToken = 2;
    config.padToken = 0;
    config.eosTokens = {1};
    return config;
  };
  static const ModelConfig gemma2b = make(18, 2048, 16384, 8, 1);
  static const ModelConfig gemma7b = make(28, 3072, 24576, 16, 16);
  return name == "gemma-2b"   ? &gemma2b
         : name == "gemma-7b" ? &gemma7b
                              : nullptr;
}
