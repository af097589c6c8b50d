//===- FuzzConfig.cpp - The JSON files of a checkpoint --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ChatTemplate.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "test/fuzz/FuzzSupport.h"

#include <cmath>

using namespace gemma;
using namespace gemma::fuzzing;

/// What the importer builds a graph from without another look.
static void requireSane(const ModelConfig &config) {
  for (int64_t size :
       {config.hidden, config.layers, config.heads, config.kvHeads,
        config.headDim, config.ff, config.vocab, config.context}) {
    require(size > 0 && size <= 1 << 24, "a size", std::to_string(size));
  }
  require(config.heads % config.kvHeads == 0, "heads that KV heads divide");
  require(config.headDim % 2 == 0, "pairs to rotate");
  require(config.embeddingRows >= config.vocab, "a row for every token");
  require(config.window >= 0, "a window");
  require(config.localLayers.empty() ||
              config.localLayers.size() == static_cast<size_t>(config.layers),
          "a kind for each layer");
  for (double number : {config.epsilon, config.queryScalar, config.ropeTheta,
                        config.localRopeTheta, config.ropeFactor}) {
    require(std::isfinite(number) && number > 0, "a number above 0",
            std::to_string(number));
  }
  for (double number : {config.attentionSoftcap, config.finalSoftcap,
                        config.temperature, config.topP}) {
    require(std::isfinite(number) && number >= 0, "a number",
            std::to_string(number));
  }
  for (int64_t token : {config.bosToken, config.padToken}) {
    require(token >= -1 && token < config.vocab, "a token or none",
            std::to_string(token));
  }
  for (int64_t token : config.eosTokens) {
    require(token >= 0 && token < config.vocab, "a token",
            std::to_string(token));
  }
  for (const auto &[token, text] : config.addedTokens) {
    require(token >= 0, "a token", std::to_string(token));
  }
  require(config.chatFormat.empty() || config.chatFormat == "gemma" ||
              config.chatFormat == "gemma3",
          "a turn format", config.chatFormat);
}

/// A model for the files that only add to one.
static ModelConfig model() {
  static const ModelConfig config = *findKnownConfig("gemma-2b");
  return config;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  if (Result<ModelConfig> config = parseModelConfig(text, "f")) {
    requireSane(*config);
  } else {
    requireGoodError(config.error());
  }
  for (auto *parse : {parseGenerationConfig, parseTokenizerConfig}) {
    ModelConfig config = model();
    config.embeddingRows = std::max(config.embeddingRows, config.vocab);
    Result<void> parsed = parse(text, "f", config);
    if (parsed) {
      requireSane(config);
    } else {
      requireGoodError(parsed.error());
    }
  }
  (void)chatFormatOf(text);
  return 0;
}
