//===- PromptEncoder.h - A model's prompts as tokens ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_PROMPTENCODER_H
#define GEMMA_RUNTIME_TEXT_PROMPTENCODER_H

#include "runtime/gemma.h"
#include "runtime/text/ChatPrompt.h"
#include "runtime/text/Tokenizer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// Turns what a user says to a model into tokens, as that model wants it: in
/// its turn format if it has one, else the text behind its begin token.
class PromptEncoder {
public:
  /// `model` is the bytes of the tokenizer. With `raw`, texts get no turns.
  /// Errors: InvalidData if there is no tokenizer, or if it is damaged or does
  /// not suit the turn format.
  static Result<PromptEncoder> create(std::string_view model,
                                      const ModelInfo &info, bool raw = false);

  /// Whether texts become turns, so that there can be more than one.
  bool hasTurns() const { return chat.has_value(); }
  const Tokenizer &tokenizer() const { return *pieces; }

  /// Puts a system text before the conversation, where the turn format has a
  /// place for it. Errors: InvalidUsage, naming `name`, if the text is empty;
  /// InvalidData if there are no turns, or none that take one.
  Result<void> setSystem(std::string_view text,
                         const char *name = "system text");

  /// A prompt with its begin token. Errors: InvalidUsage if a turn would be
  /// empty; as Tokenizer::encode for text that surely needs more than `limit`
  /// tokens.
  Result<std::vector<int32_t>> first(std::string_view text,
                                     size_t limit = kNoTokenLimit) const;

  /// The next turn, see ChatPrompt::encodeNext; only if hasTurns().
  Result<std::vector<int32_t>> next(std::string_view text,
                                    size_t limit = kNoTokenLimit) const;

private:
  explicit PromptEncoder(Tokenizer tokenizer)
      : pieces(std::make_unique<Tokenizer>(std::move(tokenizer))) {}

  std::unique_ptr<Tokenizer> pieces;
  std::optional<ChatPrompt> chat;
  std::optional<std::string> system;
  // Set before a text without turns; -1 = none.
  int32_t begin = -1;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_PROMPTENCODER_H
