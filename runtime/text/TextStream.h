//===- TextStream.h - Token ids to text, as they come -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_TEXTSTREAM_H
#define GEMMA_RUNTIME_TEXT_TEXTSTREAM_H

#include "runtime/text/Tokenizer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gemma {

/// Turns the tokens of one sequence into text piece by piece. The text is
/// valid UTF-8: a code point that several byte tokens spell is held back until
/// it is whole, and bytes that are no UTF-8 are shown as U+FFFD. Nothing is
/// stripped.
class TextStream {
public:
  /// The tokenizer must outlive the stream.
  explicit TextStream(const Tokenizer &tokenizer) : tokenizer(&tokenizer) {}

  /// The text that becomes certain with this token, often all of it and
  /// sometimes none. Valid until the next call.
  std::string_view add(int32_t token);

  /// The rest: U+FFFD if the tokens end within a code point. The stream is
  /// then as new.
  std::string_view finish();

private:
  const Tokenizer *tokenizer;
  std::string pending, ready;
};

/// Text of all tokens, as a TextStream gives it.
std::string decode(const Tokenizer &tokenizer,
                   const std::vector<int32_t> &tokens);

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_TEXTSTREAM_H
