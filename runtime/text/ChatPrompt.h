//===- ChatPrompt.h - Turns of a conversation as tokens ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_CHATPROMPT_H
#define GEMMA_RUNTIME_TEXT_CHATPROMPT_H

#include "runtime/core/Result.h"
#include "runtime/text/Tokenizer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// One turn of a conversation.
struct ChatMessage {
  /// "user", "assistant" (also "model") for what the model said, or "system"
  /// for a text that goes before the conversation.
  std::string role;
  std::string content;
};

/// Writes conversations in a model's turn format. For "gemma" (Gemma 1 and 2)
/// that is, where `trim` removes white space at both ends:
///
///   <bos> then per message
///   <start_of_turn>user|model\n trim(content) <end_of_turn>\n
///   and at last, for the model to continue, <start_of_turn>model\n
///
/// "gemma3" is the same, and a conversation may begin with a system message,
/// which is no turn of its own: its content, not trimmed, and an empty line
/// come before the content of the first user message.
///
/// The tokens are those of the rendered text with the control tokens parsed,
/// except that a control token spelled in a message stays text.
class ChatPrompt {
public:
  /// `format` is the model's chat format, `bos` its begin token or -1. The
  /// tokenizer must outlive the object.
  /// Errors: InvalidData if the format is unknown or the tokenizer lacks its
  /// control tokens.
  static Result<ChatPrompt> create(const Tokenizer &tokenizer,
                                   std::string_view format, int32_t bos);

  /// Whether the format has a place for a system message.
  bool takesSystem() const { return systemPrefix; }

  /// A whole conversation from its begin token on, up to where the model
  /// speaks. Errors: InvalidData if there is no user message, if a role is
  /// unknown or the format has no place for it ("system" in "gemma", or behind
  /// another message), if user and assistant do not take turns, beginning with
  /// the user, or as Tokenizer::encode for a message that surely needs more
  /// than `limit` tokens.
  Result<std::vector<int32_t>> encode(const std::vector<ChatMessage> &messages,
                                      size_t limit = kNoTokenLimit) const;

  /// The user's next message in a conversation whose tokens the model already
  /// holds up to, but without, the end token of its last answer.
  /// Errors: as encode.
  Result<std::vector<int32_t>> encodeNext(std::string_view content,
                                          size_t limit = kNoTokenLimit) const;

private:
  explicit ChatPrompt(const Tokenizer &tokenizer) : tokenizer(&tokenizer) {}
  Result<void> add(std::string_view text, size_t limit,
                   std::vector<int32_t> &tokens) const;
  Result<void> addTurn(std::string_view role, std::string_view prefix,
                       std::string_view content, size_t limit,
                       std::vector<int32_t> &tokens) const;
  Result<void> addModelStart(size_t limit, std::vector<int32_t> &tokens) const;

  const Tokenizer *tokenizer;
  int32_t bos = -1, startOfTurn = -1, endOfTurn = -1;
  bool systemPrefix = false;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_CHATPROMPT_H
