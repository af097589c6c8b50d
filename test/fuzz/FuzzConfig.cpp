//===- FuzzConfig.cpp - The JSON files of a checkpoint --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/AddedTokens.h"
#include "compiler/Import/Readers/ChatTemplate.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "test/fuzz/FuzzSupport.h"

using namespace gemma;
using namespace gemma::fuzzing;

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
  Result<std::set<int64_t>> tokens = parseAddedTokens(text, "f");
  if (!tokens) {
    requireGoodError(tokens.error());
  } else if (!tokens->empty()) {
    require(*tokens->begin() >= 0, "tokens");
  }
  (void)chatFormatOf(text);
  return 0;
}
