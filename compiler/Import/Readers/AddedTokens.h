//===- AddedTokens.h - Pieces that a checkpoint renamed ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_ADDEDTOKENS_H
#define GEMMA_COMPILER_IMPORT_READERS_ADDEDTOKENS_H

#include "compiler/Import/Readers/TokenizerProto.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace gemma {

/// The texts of `added_tokens_decoder` in tokenizer_config.json, by token.
using AddedTokens = std::map<int64_t, std::string>;

/// A tokenizer.model in which the pieces of these tokens have these texts.
/// Fine-tunes give reserved pieces a meaning (CodeGemma's infilling tokens were
/// Gemma's <unused60> to <unused63>), and some in tokenizer_config.json alone,
/// which comes before tokenizer.model in transformers. A renamed piece is
/// USER_DEFINED, matched in text as a whole, unless it was a CONTROL piece.
///
/// "" if every text is what the model has; there, a space stands as U+2581.
/// Tokens beyond the model's pieces are left out: no text becomes one. The
/// result is not vetted: TokenizerProto::parse has to see it. Errors
/// (InvalidData, naming `file`): another text for a byte or for <unk>.
Result<std::string> renamePieces(std::string_view bytes,
                                 const TokenizerProto &model,
                                 const AddedTokens &added,
                                 std::string_view file);

/// The tokens of `added_tokens` in a tokenizer.json, where newer checkpoints
/// have them; nothing else of the file is kept. Errors: InvalidData, Resource.
Result<std::set<int64_t>> parseAddedTokens(std::string_view text,
                                           std::string_view file);

/// The same of a file of at most 128 MiB; Gemma 3's has 33 MB. Errors: also
/// NotFound.
Result<std::set<int64_t>> readAddedTokens(const std::string &path);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_ADDEDTOKENS_H
