//===- GgufTokenizer.cpp - The vocabulary of a GGUF file ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufTokenizer.h"

#include "compiler/Import/Readers/Message.h"
#include "compiler/Import/Readers/PieceWriter.h"
#include "compiler/Import/Readers/TokenizerProto.h"

#include <algorithm>
#include <cmath>

using namespace gemma;

constexpr const char *kModel = "tokenizer.ggml.model";
constexpr const char *kTokens = "tokenizer.ggml.tokens";
constexpr const char *kScores = "tokenizer.ggml.scores";
constexpr const char *kTypes = "tokenizer.ggml.token_type";
constexpr const char *kUnknown = "tokenizer.ggml.unknown_token_id";

//===----------------------------------------------------------------------===//
// Metadata
//===----------------------------------------------------------------------===//

/// What has one meaning for a Gemma's vocabulary.
static void checkKeys(GgufFields &fields) {
  std::optional<std::string_view> model = fields.text(kModel);
  if (!model || *model != "llama") {
    fields.fail(kModel, "'llama' (sentencepiece)",
                model ? inQuotes(*model) : "none");
  }
  for (const char *name :
       {"add_space_prefix", "remove_extra_whitespaces", "add_eos_token"}) {
    std::string key = std::string("tokenizer.ggml.") + name;
    if (fields.boolean(key, false)) {
      fields.fail(key, "false, as Gemma has it", "true");
    }
  }
  constexpr const char *kCharsmap = "tokenizer.ggml.precompiled_charsmap";
  const GgufValue *charsmap = fields.find(kCharsmap);
  if (charsmap && charsmap->count != 0) {
    fields.fail(kCharsmap, "none, as in Gemma's identity normaliser",
                charsmap->describe());
  }
}

/// The array of a key, one item a token.
static const GgufValue *requireArray(GgufFields &fields, const char *key,
                                     GgufType type, uint64_t count) {
  const GgufValue *array = fields.array(key, type);
  if (!array) {
    fields.fail(key, "an array, one item a token", "none");
  } else if (array->count != count) {
    fields.fail(key, std::to_string(count) + " items, as there are tokens",
                array->describe());
  }
  return array;
}

//===----------------------------------------------------------------------===//
// What writers of files changed
//===----------------------------------------------------------------------===//

/// Whether a token is a row that only fills the embedding: "[PAD262145]". A
/// piece of type UNUSED may be none: it has a name, and fine-tunes use some.
static bool isPadding(std::string_view text) {
  constexpr std::string_view kStart = "[PAD";
  return text.size() > kStart.size() + 1 &&
         text.substr(0, kStart.size()) == kStart && text.back() == ']' &&
         std::all_of(text.begin() + kStart.size(), text.end() - 1,
                     [](char c) { return c >= '0' && c <= '9'; });
}

uint64_t gemma::countTextTokens(const GgufMetadata &metadata) {
  const GgufValue *tokens = metadata.find(kTokens);
  if (!tokens || tokens->type != GgufType::Array ||
      tokens->itemType != GgufType::String) {
    return 0;
  }
  const GgufValue *architecture = metadata.find("general.architecture");
  if (!architecture || architecture->type != GgufType::String ||
      architecture->bytes != "gemma3") {
    return tokens->count;
  }
  std::vector<std::string_view> texts = stringsOf(*tokens);
  auto image = std::find(texts.begin(), texts.end(), "<image_soft_token>");
  auto count = static_cast<uint64_t>(image - texts.begin());
  while (count > 0 && isPadding(texts[count - 1])) {
    --count;
  }
  return count > 0 ? count : tokens->count;
}

/// The types of all tokens.
static Result<std::vector<PieceType>> readTypes(const GgufValue &array,
                                                std::string_view file) {
  std::vector<PieceType> types;
  for (uint64_t index = 0; index < array.count; ++index) {
    int32_t type = intAt(array, index);
    if (type < 1 || type > 6) {
      return badField(file, kTypes + (": item " + std::to_string(index)),
                      "a type from 1 to 6", std::to_string(type));
    }
    types.push_back(static_cast<PieceType>(type));
  }
  return types;
}

/// llama.cpp's converters make <unk> a control piece like the others; only its
/// key still tells it.
static void restoreUnknown(GgufFields &fields, std::vector<PieceType> &types) {
  auto last = static_cast<int64_t>(types.size()) - 1;
  int64_t token = fields.integer(kUnknown, 0, last, 3);
  if (fields.error || token > last ||
      std::find(types.begin(), types.end(), PieceType::Unknown) !=
          types.end()) {
    return;
  }
  PieceType &type = types[static_cast<size_t>(token)];
  if (type == PieceType::Control) {
    type = PieceType::Unknown;
  }
}

/// Whether a text has two characters.
static bool isPair(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
         }) == 2;
}

/// Some files, Google's own among them, have user-defined pieces as normal
/// ones. Their scores still tell them: sentencepiece's trainer gives 0 to what
/// the user defines, and 0 (written -0), -1, -2 ... to what it merged and then
/// to single characters. So a score of 0 is a user-defined piece's, unless it
/// is -0 or that of the first merge: of two characters, the piece before the
/// first of a negative score.
static void restoreUserDefined(const std::vector<std::string_view> &texts,
                               const GgufValue &scores,
                               std::vector<PieceType> &types) {
  if (std::find(types.begin(), types.end(), PieceType::UserDefined) !=
      types.end()) {
    return;
  }
  auto isNormal = [&](size_t i) { return types[i] == PieceType::Normal; };
  size_t negative = 0;
  while (negative < types.size() &&
         !(isNormal(negative) && floatAt(scores, negative) < 0)) {
    ++negative;
  }
  if (negative == types.size()) {
    return; // no scores to tell by
  }
  for (size_t i = 0; i < types.size(); ++i) {
    float score = floatAt(scores, i);
    bool isFirstMerge = i + 1 == negative && isPair(texts[i]);
    if (isNormal(i) && score == 0 && !std::signbit(score) && !isFirstMerge) {
      types[i] = PieceType::UserDefined;
    }
  }
}

/// trainer_spec and normalizer_spec of Gemma's tokenizers; field numbers of
/// sentencepiece_model.proto.
static void appendSpecs(std::string &out, bool hasBytes) {
  std::string trainer, normalizer;
  appendNumber(trainer, 3, 2); // model_type: BPE
  appendNumber(trainer, 35, hasBytes);
  appendBytes(out, 2, trainer);
  appendBytes(normalizer, 1, "identity");
  appendNumber(normalizer, 3, 0); // add_dummy_prefix
  appendNumber(normalizer, 4, 0); // remove_extra_whitespaces
  appendBytes(out, 3, normalizer);
}

Result<std::string> gemma::buildSentencepieceModel(const GgufMetadata &metadata,
                                                   std::string_view file) {
  if (!metadata.hasPrefix("tokenizer.ggml.")) {
    return std::string();
  }
  GgufFields fields(metadata, file);
  checkKeys(fields);
  const GgufValue *tokens = fields.array(kTokens, GgufType::String);
  if (!tokens || tokens->count == 0 ||
      tokens->count > TokenizerProto::kMaxPieces) {
    fields.fail(kTokens,
                "1 to " + std::to_string(TokenizerProto::kMaxPieces) +
                    " strings",
                tokens ? tokens->describe() : "none");
    return *fields.error;
  }
  if (tokens->bytes.size() > TokenizerProto::kMaxFileBytes / 2) {
    fields.fail(kTokens,
                "at most " + std::to_string(TokenizerProto::kMaxFileBytes / 2) +
                    " bytes",
                std::to_string(tokens->bytes.size()));
  }
  const GgufValue *scores =
      requireArray(fields, kScores, GgufType::F32, tokens->count);
  const GgufValue *numbers =
      requireArray(fields, kTypes, GgufType::I32, tokens->count);
  if (fields.error) {
    return *fields.error;
  }
  Result<std::vector<PieceType>> types = readTypes(*numbers, file);
  if (!types) {
    return types.takeError();
  }
  types->resize(countTextTokens(metadata));
  std::vector<std::string_view> texts = stringsOf(*tokens);
  restoreUnknown(fields, *types);
  restoreUserDefined(texts, *scores, *types);
  if (fields.error) {
    return *fields.error;
  }
  std::string model;
  bool hasBytes = false;
  for (size_t i = 0; i < types->size(); ++i) {
    PieceType type = (*types)[i];
    hasBytes |= type == PieceType::Byte;
    // Writers put spaces into the pieces that text is searched for.
    bool isSearched = type == PieceType::UserDefined;
    appendPiece(model,
                isSearched ? withSpaceSigns(texts[i]) : std::string(texts[i]),
                floatAt(*scores, i), type);
  }
  appendSpecs(model, hasBytes);
  return model;
}

Result<std::optional<TokenizerFile>>
gemma::readGgufTokenizer(const GgufMetadata &metadata, std::string_view file,
                         const ModelConfig &config) {
  Result<std::string> model = buildSentencepieceModel(metadata, file);
  if (!model) {
    return model.takeError();
  }
  if (model->empty()) {
    return std::optional<TokenizerFile>();
  }
  Result<TokenizerFile> tokenizer = vetTokenizer(
      *model, printablePath(file) + ": tokenizer.ggml.tokens", config);
  if (!tokenizer) {
    return tokenizer.takeError();
  }
  return std::optional(std::move(*tokenizer));
}
