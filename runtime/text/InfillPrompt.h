//===- InfillPrompt.h - Text around a gap as tokens -------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_INFILLPROMPT_H
#define GEMMA_RUNTIME_TEXT_INFILLPROMPT_H

#include "runtime/core/Result.h"
#include "runtime/text/Tokenizer.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gemma {

/// Asks a model for what belongs between two texts, as CodeGemma was trained:
///
///   <bos> <|fim_prefix|> prefix <|fim_suffix|> suffix <|fim_middle|>
///
/// with nothing between tokens and texts, which are not trimmed. The model
/// goes on with the middle.
class InfillPrompt {
public:
  /// `bos` is the begin token or -1. The tokenizer must outlive the object.
  /// Errors: InvalidData if the tokenizer lacks one of the three pieces.
  static Result<InfillPrompt> create(const Tokenizer &tokenizer, int32_t bos);

  /// The tokens of a prompt. Errors: InvalidUsage if there is no text on
  /// either side; as Tokenizer::encode for text that surely needs more than
  /// `limit` tokens.
  Result<std::vector<int32_t>> encode(std::string_view prefix,
                                      std::string_view suffix,
                                      size_t limit = kNoTokenLimit) const;

  /// Tokens that end the middle, beside the model's own: those of the format
  /// and, if there is one, <|file_separator|>.
  const std::vector<int32_t> &endTokens() const { return ends; }

private:
  explicit InfillPrompt(const Tokenizer &tokenizer) : tokenizer(&tokenizer) {}

  const Tokenizer *tokenizer;
  int32_t bos = -1, prefixToken = -1, suffixToken = -1, middleToken = -1;
  std::vector<int32_t> ends;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_INFILLPROMPT_H
