//===- GgufConfig.h - What a GGUF file's metadata say of a model *- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_GGUFCONFIG_H
#define GEMMA_COMPILER_IMPORT_READERS_GGUFCONFIG_H

#include "compiler/Import/Readers/GgufCheckpoint.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "runtime/core/Result.h"

#include <string>

namespace gemma {

/// Reads the model's shape: general.architecture gemma, gemma2 or gemma3 and
/// the keys that start with its name, llama.cpp's defaults for what is left
/// out. What the format has no key for is as llama.cpp has it: queries of Gemma
/// 2 and 3 27B, which their numbers of layers (46 and 62) tell, are scaled by
/// hidden / heads; every second layer of Gemma 2 and all but every sixth of
/// Gemma 3 are local. Norms are stored as 1 + w.
///
/// The vocabulary is that of tokenizer.ggml.tokens (countTextTokens), or
/// without it as many tokens as the embedding has rows. <eos> is always an end
/// token, the first. The head is the embedding unless there is
/// an output.weight. Not supported, hence errors: another architecture, other
/// rotations than Gemma's, attention that is not causal.
Result<ModelConfig> readGgufConfig(const GgufCheckpoint &checkpoint);

/// The tensor of a weight, by the weight's symbol (BuildModule.h):
/// "blk.3.attn_q.weight" for "layers.3.q_proj"; "" for a symbol that no model
/// has.
std::string ggufTensorName(const std::string &symbol,
                           const ModelConfig &config);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_GGUFCONFIG_H
