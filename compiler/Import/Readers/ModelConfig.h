//===- ModelConfig.h - What a checkpoint's JSON files say of a model *- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_MODELCONFIG_H
#define GEMMA_COMPILER_IMPORT_READERS_MODELCONFIG_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// Form of the GELU in the feed-forward block.
enum class Activation { GeluTanh, GeluErf };

/// A model of the Gemma family. All sizes are positive and so small that
/// products of two fit 64 bits with room.
struct ModelConfig {
  std::string family = "gemma";
  int64_t hidden = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t kvHeads = 0; ///< divides heads
  int64_t headDim = 0; ///< even
  int64_t ff = 0;
  int64_t vocab = 0;
  int64_t context = 0; ///< positions that the model was made for
  double epsilon = 1e-6;
  double ropeTheta = 1e4;
  Activation activation = Activation::GeluTanh;
  bool tiedHead = true;

  int64_t bosToken = -1; ///< -1 = none
  int64_t padToken = -1;
  std::vector<int64_t> eosTokens;
  bool addBos = true;
  double temperature = 0; ///< 0 = not given
  int64_t topK = 0;
  double topP = 0;

  /// tokenizer_config.json or chat_template.jinja has a template in Gemma's
  /// turn format.
  bool hasChatTemplate = false;
  /// Pieces that tokenizer_config.json calls special.
  std::vector<std::string> specialPieces;
};

/// Reads config.json: the model's shape. Errors (InvalidData) name the key.
/// Not supported, hence errors: another architecture, rope scaling, attention
/// biases, quantised weights, bidirectional attention. `hidden_act` is not
/// read: Gemma 1's files say "gelu" there by mistake, `hidden_activation`
/// (default gelu_pytorch_tanh) decides, as in transformers.
Result<ModelConfig> parseModelConfig(std::string_view text,
                                     std::string_view file);

/// Reads generation_config.json into `config`: end tokens, sampling defaults
/// (not given if do_sample is false).
Result<void> parseGenerationConfig(std::string_view text, std::string_view file,
                                   ModelConfig &config);

/// Reads tokenizer_config.json into `config`: add_bos_token, special pieces,
/// chat template.
Result<void> parseTokenizerConfig(std::string_view text, std::string_view file,
                                  ModelConfig &config);

/// Reads the JSON files of a checkpoint's folder. Only config.json must be
/// there. Errors: NotFound if the folder or config.json is missing, else as
/// above.
Result<ModelConfig> readModelConfig(const std::string &directory);

/// gemma-2b or gemma-7b (Gemma report, table 1); null for another name.
const ModelConfig *findKnownConfig(std::string_view name);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_MODELCONFIG_H
