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

#include "compiler/Import/Readers/AddedTokens.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// Form of the GELU in the feed-forward block.
enum class Activation { GeluTanh, GeluErf };

/// A model of the Gemma family. All sizes are positive and so small that
/// products of two fit 64 bits with room.
struct ModelConfig {
  std::string family = "gemma"; ///< gemma, gemma2 or gemma3
  /// Name of the class in transformers.
  std::string architecture = "GemmaForCausalLM";
  /// The checkpoint has a vision model beside the text model.
  bool isMultimodal = false;
  int64_t hidden = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t kvHeads = 0; ///< divides heads
  int64_t headDim = 0; ///< even
  int64_t ff = 0;
  int64_t vocab = 0;
  /// Rows of the checkpoint's embedding, of which the first `vocab` are used.
  /// In multimodal checkpoints there are more: from image_token_index on they
  /// are no text.
  int64_t embeddingRows = 0;
  int64_t context = 0; ///< positions that the model was made for
  double epsilon = 1e-6;
  /// A stored norm weight w acts as 1 + w. Without it, as in GGUF, 1 + w is
  /// what is stored.
  bool normUnitOffset = true;
  Activation activation = Activation::GeluTanh;
  bool tiedHead = true;

  /// Queries are multiplied by 1/sqrt of this.
  double queryScalar = 256;
  /// Keys that a row of a local layer sees, itself included; 0 if all layers
  /// are global.
  int64_t window = 0;
  /// Which layers are local; empty if none is.
  std::vector<bool> localLayers;
  /// Base of the rotation in global and in local layers, and what positions of
  /// global layers are divided by.
  double ropeTheta = 1e4;
  double localRopeTheta = 1e4;
  double ropeFactor = 1;
  /// tanh limits of scores and of logits; 0 = none.
  double attentionSoftcap = 0;
  double finalSoftcap = 0;
  /// Queries and keys are normed head by head before they are rotated.
  bool hasQkNorms = false;
  /// What attention and the feed-forward block give is normed before it is
  /// added to the stream: four norms per layer instead of two.
  bool hasPostNorms = false;

  int64_t bosToken = -1; ///< -1 = none
  int64_t padToken = -1;
  std::vector<int64_t> eosTokens;
  bool addBos = true;
  double temperature = 0; ///< 0 = not given
  int64_t topK = 0;
  double topP = 0;

  /// Turn format of the chat template, "" for none (ChatTemplate.h). The file
  /// chat_template.jinja comes before tokenizer_config.json's.
  std::string chatFormat;
  /// Pieces that tokenizer_config.json calls special.
  std::vector<std::string> specialPieces;
  /// Texts that it gives to tokens, whatever tokenizer.model calls them.
  AddedTokens addedTokens;

  /// Whether a row of layer `layer` sees a window of keys only.
  bool isLocal(int64_t layer) const {
    return !localLayers.empty() && localLayers[static_cast<size_t>(layer)];
  }
};

/// Reads config.json: the model's shape, with transformers' defaults for what
/// it leaves out (FamilyConfig.h). Errors (InvalidData) name the key. Not
/// supported, hence errors: another architecture, rope scaling but the linear
/// one of Gemma 3, attention biases, quantised weights, bidirectional
/// attention. `hidden_act` is not read: Gemma 1's files say "gelu" there by
/// mistake, `hidden_activation` (default gelu_pytorch_tanh) decides, as in
/// transformers.
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

/// The dense models by name, as their reports' tables and Hugging Face's
/// config.json files have them; null for another name. KnownConfigs.cpp.
const ModelConfig *findKnownConfig(std::string_view name);

/// The names that findKnownConfig knows: "gemma-2b, gemma-7b, ... or ...".
std::string describeKnownConfigs();

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_MODELCONFIG_H
