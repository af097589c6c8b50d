//===- Tokenizer.h - Text to token ids and back -----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_TOKENIZER_H
#define GEMMA_RUNTIME_TEXT_TOKENIZER_H

#include "runtime/core/Result.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// "Any number of tokens": for `Tokenizer::encode`.
constexpr size_t kNoTokenLimit = std::numeric_limits<size_t>::max();

/// A SentencePiece model. Immutable after `load`, so that threads may share
/// it.
class Tokenizer {
public:
  /// Loads the bytes of a SentencePiece ModelProto, the tokenizer segment of
  /// an artifact. They must come from the importer, which vets them: a hostile
  /// proto can crash sentencepiece itself.
  /// Errors: InvalidData if sentencepiece refuses the bytes.
  static Result<Tokenizer> load(std::string_view model);

  Tokenizer(Tokenizer &&) noexcept;
  Tokenizer &operator=(Tokenizer &&) noexcept;
  ~Tokenizer();

  /// Number of token ids: [0, size()).
  int32_t size() const;

  /// Id of exactly this piece, control pieces included.
  std::optional<int32_t> find(std::string_view piece) const;

  /// Whether the id stands for no text: a CONTROL piece, or a piece of Gemma's
  /// turn, image or infilling formats that the model declares USER_DEFINED.
  bool isControl(int32_t id) const;

  /// Token ids of user text. No control token is ever among them: text that
  /// reads like one ("<bos>") becomes ordinary pieces. No BOS is added.
  /// Bytes that are not UTF-8 become byte tokens, so that they are kept.
  /// Errors: InvalidData if the text is so long that it surely needs more than
  /// `limit` tokens: such text is not tokenized, as that would take a hundred
  /// bytes of memory for each of its bytes. Text up to that length may still
  /// give more tokens than `limit`. InvalidData, too, if the text is not UTF-8
  /// and the model has no byte tokens.
  Result<std::vector<int32_t>> encode(std::string_view text,
                                      size_t limit = kNoTokenLimit) const;

  /// Most bytes of text that `tokens` tokens can stand for.
  size_t mostBytes(size_t tokens) const;

  /// Appends the bytes that a token stands for: none for a control token, one
  /// for a byte token (which need not be valid UTF-8 alone), U+FFFD for the
  /// unknown token and for ids outside [0, size()).
  void appendBytes(int32_t id, std::string &out) const;

private:
  struct State;
  explicit Tokenizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_TOKENIZER_H
