//===- VerifyModel.cpp - Rules for model and target -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Limits.h"
#include "runtime/artifact/ManifestView.h"
#include "runtime/artifact/Rules.h"

#include <cmath>

using namespace gemma;
using namespace gemma::rules;

/// A string goes into messages and onto terminals, so it holds no control
/// characters.
static Result<void> plainText(std::string_view what,
                              const flatbuffers::String *string) {
  std::string_view value = text(string);
  if (value.size() > limits::kStringBytes) {
    return violation(
        what, "at most " + std::to_string(limits::kStringBytes) + " bytes",
        value.size());
  }
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      return violation(what, "text without control characters", value);
    }
  }
  return {};
}

static Result<void>
plainTexts(const char *what, size_t most,
           const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>
               *strings) {
  if (auto result = inRange(std::string("number of ") + what + "s",
                            count(strings), 0, most);
      !result) {
    return result;
  }
  for (const flatbuffers::String *string : each(strings)) {
    if (auto result = plainText(what, string); !result) {
      return result;
    }
  }
  return {};
}

/// Format features change what the rest means, so an unknown one refuses.
/// Version 1 has none.
static Result<void> knowsRequiredFeatures(const ManifestInFile &file) {
  const auto *features = file.manifest.required_features();
  if (auto result =
          plainTexts("required feature", limits::kRequiredFeatures, features);
      !result) {
    return result;
  }
  if (count(features) != 0) {
    return violation("required feature", "one that this version knows (none)",
                     "\"" + std::string(text(features->Get(0))) + "\"");
  }
  return {};
}

static Result<void> propertiesAreText(const ManifestInFile &file) {
  if (auto result = plainText("compiler", file.manifest.compiler()); !result) {
    return result;
  }
  const auto *properties = file.manifest.properties();
  if (auto result = inRange("number of properties", count(properties), 0,
                            limits::kProperties);
      !result) {
    return result;
  }
  for (const artifact::Property *property : each(properties)) {
    for (const flatbuffers::String *part :
         {property->key(), property->value()}) {
      if (auto result = plainText("property", part); !result) {
        return result;
      }
    }
  }
  return {};
}

static Result<void> hasModelAndTarget(const ManifestInFile &file) {
  if (!file.manifest.model()) {
    return violation("manifest", "a model", "none");
  }
  if (!file.manifest.target()) {
    return violation("manifest", "a target", "none");
  }
  return {};
}

static Result<void> modelTextIsPlain(const ManifestInFile &file) {
  const artifact::Model &model = *file.manifest.model();
  if (auto result = plainText("model family", model.family()); !result) {
    return result;
  }
  std::string_view format = text(model.chat_format());
  if (format != "" && format != "gemma" && format != "gemma3") {
    return violation("chat format", "\"gemma\", \"gemma3\" or \"\"",
                     "\"" + std::string(format.substr(0, 64)) + "\"");
  }
  return {};
}

static Result<void> dimensionsAreSane(const ManifestInFile &file) {
  const artifact::Model &model = *file.manifest.model();
  struct {
    const char *what;
    uint32_t value, most;
  } dimensions[] = {
      {"hidden size", model.hidden(), limits::kHidden},
      {"number of layers", model.layers(), limits::kLayers},
      {"number of heads", model.heads(), limits::kHeads},
      {"number of KV heads", model.kv_heads(), limits::kHeads},
      {"head size", model.head_dim(), limits::kHeadDim},
      {"feed-forward size", model.ff(), limits::kFf},
      {"vocabulary size", model.vocab(), limits::kVocab},
      {"context length", model.context(), limits::kContext},
      {"max_rows", file.manifest.max_rows(), limits::kMaxRows},
  };
  for (const auto &dimension : dimensions) {
    if (auto result =
            inRange(dimension.what, dimension.value, 1, dimension.most);
        !result) {
      return result;
    }
  }
  if (model.heads() % model.kv_heads() != 0) {
    return violation("number of KV heads",
                     "a divisor of the " + std::to_string(model.heads()) +
                         " heads",
                     model.kv_heads());
  }
  return {};
}

static Result<void> tokensAreInVocabulary(const ManifestInFile &file) {
  const artifact::Model &model = *file.manifest.model();
  auto check = [&](const char *what, int32_t token,
                   int32_t lowest) -> Result<void> {
    auto vocab = static_cast<int32_t>(model.vocab());
    if (token < lowest || token >= vocab) {
      return violation(
          what, std::to_string(lowest) + " to " + std::to_string(vocab - 1),
          std::to_string(token));
    }
    return {};
  };
  // A model that puts a bos token before its prompts has one.
  if (auto result =
          check("bos token", model.bos_token(), model.add_bos() ? 0 : -1);
      !result) {
    return result;
  }
  if (auto result = check("pad token", model.pad_token(), -1); !result) {
    return result;
  }
  if (auto result = inRange("number of eos tokens", count(model.eos_tokens()),
                            0, limits::kEosTokens);
      !result) {
    return result;
  }
  for (int32_t token : each(model.eos_tokens())) {
    if (auto result = check("eos token", token, 0); !result) {
      return result;
    }
  }
  return {};
}

static Result<void> samplingIsSane(const ManifestInFile &file) {
  const artifact::Model &model = *file.manifest.model();
  // Written so that NaN fails.
  if (!(model.temperature() >= 0 &&
        model.temperature() <= limits::kTemperature)) {
    return violation("temperature", "0 to 1000",
                     std::to_string(model.temperature()));
  }
  if (!(model.top_p() >= 0 && model.top_p() <= 1)) {
    return violation("top_p", "0 to 1", std::to_string(model.top_p()));
  }
  return {};
}

static Result<void> targetIsText(const ManifestInFile &file) {
  const artifact::Target &target = *file.manifest.target();
  for (const flatbuffers::String *part :
       {target.device(), target.triple(), target.cpu()}) {
    if (auto result = plainText("target", part); !result) {
      return result;
    }
  }
  return plainTexts("target feature", limits::kTargetFeatures,
                    target.features());
}

Result<void> gemma::verifyModel(const ManifestInFile &file) {
  return checkAll({knowsRequiredFeatures, propertiesAreText, hasModelAndTarget,
                   modelTextIsPlain, dimensionsAreSane, tokensAreInVocabulary,
                   samplingIsSane, targetIsText},
                  file);
}
