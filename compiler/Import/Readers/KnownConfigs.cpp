//===- KnownConfigs.cpp - The dense models of the family by name ----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/ModelConfig.h"

#include <algorithm>

using namespace gemma;

namespace {
/// A column of the tables of the reports: Gemma's (arXiv 2403.08295, table 1),
/// Gemma 2's (2408.00118, table 1) and Gemma 3's (2503.19786, table 1), with
/// what the published config.json files add.
struct Shape {
  const char *name;
  int generation;
  int64_t layers, hidden, ff, heads, kvHeads, headDim;
  int64_t queryScalar;
  int64_t window;
  int64_t context;
  double ropeFactor;
};
} // namespace

static constexpr Shape kShapes[] = {
    {"gemma-2b", 1, 18, 2048, 16384, 8, 1, 256, 256, 0, 8192, 1},
    {"gemma-7b", 1, 28, 3072, 24576, 16, 16, 256, 256, 0, 8192, 1},
    {"gemma2-2b", 2, 26, 2304, 9216, 8, 4, 256, 256, 4096, 8192, 1},
    {"gemma2-9b", 2, 42, 3584, 14336, 16, 8, 256, 256, 4096, 8192, 1},
    {"gemma2-27b", 2, 46, 4608, 36864, 32, 16, 128, 144, 4096, 8192, 1},
    {"gemma3-270m", 3, 18, 640, 2048, 4, 1, 256, 256, 512, 32768, 1},
    {"gemma3-1b", 3, 26, 1152, 6912, 4, 1, 256, 256, 512, 32768, 1},
    {"gemma3-4b", 3, 34, 2560, 10240, 8, 4, 256, 256, 1024, 131072, 8},
    {"gemma3-12b", 3, 48, 3840, 15360, 16, 8, 256, 256, 1024, 131072, 8},
    {"gemma3-27b", 3, 62, 5376, 21504, 32, 16, 128, 168, 1024, 131072, 8},
};

static ModelConfig makeConfig(const Shape &shape) {
  ModelConfig config;
  config.layers = shape.layers;
  config.hidden = shape.hidden;
  config.ff = shape.ff;
  config.heads = shape.heads;
  config.kvHeads = shape.kvHeads;
  config.headDim = shape.headDim;
  config.queryScalar = static_cast<double>(shape.queryScalar);
  config.context = shape.context;
  config.vocab = shape.generation == 3 ? 262144 : 256000;
  config.embeddingRows = config.vocab;
  config.bosToken = 2;
  config.padToken = 0;
  config.eosTokens = {1};
  if (shape.generation == 1) {
    return config;
  }
  config.family = shape.generation == 2 ? "gemma2" : "gemma3";
  config.architecture =
      shape.generation == 2 ? "Gemma2ForCausalLM" : "Gemma3ForCausalLM";
  config.hasPostNorms = true;
  config.window = shape.window;
  int64_t period = shape.generation == 2 ? 2 : 6;
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    config.localLayers.push_back((layer + 1) % period != 0);
  }
  if (shape.generation == 2) {
    config.attentionSoftcap = 50;
    config.finalSoftcap = 30;
    return config;
  }
  config.hasQkNorms = true;
  config.ropeTheta = 1e6;
  config.ropeFactor = shape.ropeFactor;
  return config;
}

const ModelConfig *gemma::findKnownConfig(std::string_view name) {
  static const std::vector<ModelConfig> configs = [] {
    std::vector<ModelConfig> made;
    std::transform(std::begin(kShapes), std::end(kShapes),
                   std::back_inserter(made), makeConfig);
    return made;
  }();
  for (size_t i = 0; i < configs.size(); ++i) {
    if (name == kShapes[i].name) {
      return &configs[i];
    }
  }
  return nullptr;
}

std::string gemma::describeKnownConfigs() {
  std::string text;
  for (const Shape &shape : kShapes) {
    bool isLast = &shape == std::end(kShapes) - 1;
    text += (text.empty() ? ""
             : isLast     ? " or "
                          : ", ") +
            std::string(shape.name);
  }
  return text;
}
