//===- ModelConfig.cpp - What a checkpoint's JSON files say of a model ----===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ModelConfig.h"

#include "compiler/Import/Readers/ChatTemplate.h"
#include "compiler/Import/Readers/FamilyConfig.h"
#include "compiler/Import/Readers/JsonFields.h"
#include "compiler/Import/Readers/MappedFile.h"
#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/ModelLimits.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

using namespace gemma;
using nlohmann::json;

constexpr size_t kMaxEosTokens = 64;
constexpr uint64_t kMaxConfigBytes = 1 << 20;
constexpr uint64_t kMaxTokenizerConfigBytes = 32 << 20;

//===----------------------------------------------------------------------===//
// config.json
//===----------------------------------------------------------------------===//

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

/// Sizes, with the family's defaults. A default of 0 means that there is none.
static void readSizes(JsonFields &fields, const Family &family,
                      ModelConfig &config) {
  auto size = [&](const char *key, int64_t most, int64_t otherwise) {
    return fields.integer(key, 1, most,
                          otherwise ? std::optional(otherwise) : std::nullopt);
  };
  config.hidden = size("hidden_size", kMaxWidth, family.hidden);
  config.layers = size("num_hidden_layers", kMaxLayers, family.layers);
  config.heads = size("num_attention_heads", kMaxHeads, family.heads);
  config.kvHeads = size("num_key_value_heads", kMaxHeads,
                        family.kvHeads ? family.kvHeads : config.heads);
  config.headDim = fields.integer("head_dim", 2, kMaxHeadDim, 256);
  config.ff = size("intermediate_size", kMaxWidth, family.ff);
  config.vocab = size("vocab_size", kMaxVocab, family.vocab);
  config.embeddingRows = config.vocab;
  config.context = size("max_position_embeddings", kMaxContext, family.context);
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
}

/// What no model that is supported has.
static void checkUnsupported(JsonFields &fields) {
  for (const char *key : {"attention_bias", "use_bidirectional_attention"}) {
    if (fields.boolean(key, false)) {
      fields.fail(key, "false", "true");
    }
  }
  refuse(fields, "quantization_config");
}

/// Control tokens. `otherwise` has the defaults: those of the family, or what
/// an object around this one said.
static void readTokens(JsonFields &fields, const ModelConfig &otherwise,
                       ModelConfig &config) {
  int64_t last = config.vocab - 1;
  config.bosToken = fields.integer("bos_token_id", 0, last, otherwise.bosToken);
  // Some converters write -1 for "none".
  config.padToken =
      fields.integer("pad_token_id", -1, last, otherwise.padToken);
  config.eosTokens = fields.find("eos_token_id")
                         ? readEosTokens(fields, config.vocab)
                         : otherwise.eosTokens;
}

Result<ModelConfig> gemma::parseModelConfig(std::string_view text,
                                            std::string_view file) {
  Result<json> object = parseJsonObject(text, file);
  if (!object) {
    return object.takeError();
  }
  JsonFields outer(*object, file);
  const Family *family = readFamily(outer);
  const json *inner = &*object;
  std::string place(file);
  if (family && family->isMultimodal) {
    inner = outer.find("text_config");
    place += ": text_config";
    if (!inner || !inner->is_object()) {
      outer.fail("text_config", "an object",
                 inner ? describeJson(*inner) : "none");
    }
  }
  if (outer.error) {
    return *outer.error;
  }
  JsonFields fields(*inner, place);
  ModelConfig config;
  config.family = family->name;
  config.architecture = family->architecture;
  readSizes(fields, *family, config);
  config.isMultimodal = family->isMultimodal;
  if (family->isMultimodal) {
    config.vocab =
        std::min(config.vocab, outer.integer("image_token_index", 1, kMaxVocab,
                                             config.vocab));
  }
  config.epsilon = fields.number("rms_norm_eps", 0, 1, 1e-6);
  config.activation = readActivation(fields);
  readFamilyFields(fields, *family, config);
  checkUnsupported(fields);
  ModelConfig tokens;
  if (family->generation > 1) {
    tokens.bosToken = 2;
    tokens.padToken = 0;
    tokens.eosTokens = {1};
  }
  readTokens(fields, tokens, config);
  config.tiedHead = fields.boolean("tie_word_embeddings", true);
  if (fields.error) {
    return *fields.error;
  }
  if (family->isMultimodal) {
    // What the whole model says of its text comes before its text_config.
    readTokens(outer, config, config);
    config.tiedHead = outer.boolean("tie_word_embeddings", config.tiedHead);
    checkUnsupported(outer);
    if (outer.error) {
      return *outer.error;
    }
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

/// A key of added_tokens_decoder, a token in decimal digits; -1 for another.
static int64_t tokenNumber(const std::string &key) {
  int64_t token = -1;
  const char *end = key.data() + key.size();
  auto [next, error] = std::from_chars(key.data(), end, token);
  return error == std::errc() && next == end ? token : -1;
}

static void readSpecialPieces(JsonFields &fields,
                              std::vector<std::string> &pieces,
                              AddedTokens &tokens) {
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
  for (const auto &[key, value] : added->items()) {
    if (!value.is_object()) {
      fields.fail(kAdded, "objects", describeJson(value));
      return;
    }
    int64_t token = tokenNumber(key);
    if (token < 0) {
      fields.fail(kAdded, "tokens as keys", inQuotes(key));
      return;
    }
    if (const std::string *text = tokenText(value)) {
      tokens[token] = *text;
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
  readSpecialPieces(fields, config.specialPieces, config.addedTokens);
  if (const json *value = fields.find("chat_template")) {
    if (!value->is_string() && !value->is_array()) {
      fields.fail("chat_template", "a string", describeJson(*value));
    }
    config.chatFormat = chatFormatOfJson(*value);
  }
  if (fields.error) {
    return *fields.error;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// The folder
//===----------------------------------------------------------------------===//

/// The name of a model's GGUF file in a folder, the first of several; empty if
/// there is none. What is called mmproj is a vision model.
static std::string findGguf(const std::string &directory) {
  std::string first;
  std::error_code failed;
  std::filesystem::directory_iterator entry(directory, failed);
  for (; !failed && entry != std::filesystem::directory_iterator();
       entry.increment(failed)) {
    std::filesystem::path path = entry->path().filename();
    std::string name = path.string();
    if (path.extension() == ".gguf" && name.rfind("mmproj", 0) != 0 &&
        (first.empty() || name < first)) {
      first = name;
    }
  }
  return first;
}

Result<ModelConfig> gemma::readModelConfig(const std::string &directory) {
  std::string path = directory + "/config.json";
  if (!entryExists(directory + "/.")) {
    constexpr const char *kExpected = "a checkpoint's folder or a GGUF file";
    return entryExists(directory)
               ? badFile(directory, kExpected, "another file")
               : notFound(printablePath(directory) + ": expected " + kExpected +
                          ", found none");
  }
  if (std::string name;
      !entryExists(path) && !(name = findGguf(directory)).empty()) {
    return notFound(printablePath(path) + ": expected a file, found none; " +
                    inQuotes(name) + " is there: compile that file");
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
         config.chatFormat = chatFormatOf(text);
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
