//===- GgufTokenizer.h - The vocabulary of a GGUF file ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_GGUFTOKENIZER_H
#define GEMMA_COMPILER_IMPORT_READERS_GGUFTOKENIZER_H

#include "compiler/Import/Readers/GgufMetadata.h"
#include "compiler/Import/Readers/ModelConfig.h"
#include "compiler/Import/Readers/Tokenizer.h"
#include "runtime/core/Result.h"

#include <optional>
#include <string>
#include <string_view>

namespace gemma {

/// The sentencepiece model (a tokenizer.model) that tokenizer.ggml.* describe:
/// BPE with the identity as normaliser and without a prefix space, the pieces
/// with their scores and types in order. Spaces of USER_DEFINED pieces become
/// U+2581, as sentencepiece has them: converters write them as spaces. Without
/// an UNKNOWN piece the CONTROL piece at unknown_token_id is it; without any
/// USER_DEFINED piece the NORMAL ones of score 0 are, but for the first merge.
/// "" if the file has no vocabulary. Errors: InvalidData.
Result<std::string> buildSentencepieceModel(const GgufMetadata &metadata,
                                            std::string_view file);

/// The tokens that are text, the vocabulary: of Gemma 3 those before
/// <image_soft_token> and before a run of [PADn] tokens at the end, with which
/// files fill multimodal embeddings; else all of them. They are the first ones,
/// so that every number and its row stay what they are. 0 without
/// tokenizer.ggml.tokens.
uint64_t countTextTokens(const GgufMetadata &metadata);

/// Reads and vets the vocabulary, as readTokenizer does tokenizer.model;
/// nothing if the file has none. `sha256` is that of the model as built.
Result<std::optional<TokenizerFile>>
readGgufTokenizer(const GgufMetadata &metadata, std::string_view file,
                  const ModelConfig &config);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_GGUFTOKENIZER_H
