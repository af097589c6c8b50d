//===- AnswerPrinter.h - Shows an answer as it comes ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TOOLS_ANSWERPRINTER_H
#define GEMMA_TOOLS_ANSWERPRINTER_H

#include "runtime/text/StopDetector.h"
#include "runtime/text/TextStream.h"
#include "tools/ToolSupport.h"

#include <optional>
#include <string>
#include <string_view>

namespace gemma::tools {

/// Shows what is generated, as text or as ids.
class AnswerPrinter {
public:
  /// Prints ids if asked to, or if there is no tokenizer.
  AnswerPrinter(const Tokenizer *tokenizer, const StopDetector &stop, bool ids)
      : stop(stop), stream(tokenizer ? std::optional<TextStream>(*tokenizer)
                                     : std::nullopt),
        ids(ids || !tokenizer) {}

  /// False if no more is wanted, or writing failed.
  bool add(int32_t token) {
    std::string_view text;
    if (stream) {
      text = stop.add(stream->add(token));
    }
    bool wanted =
        ids ? put((first ? "" : ",") + std::to_string(token)) : put(text);
    return wanted && !stop.foundString();
  }

  /// Ends the line. Errors: those of all writing since the start.
  Result<void> finish() {
    if (!ids) {
      put(stop.add(stream->finish()));
      put(stop.finish());
    }
    put("\n");
    return error ? Result<void>(*error) : Result<void>();
  }

private:
  bool put(std::string_view text) {
    first = false;
    if (open) {
      Result<bool> wanted = writeOut(text);
      open = wanted && *wanted;
      if (!wanted) {
        error = wanted.error();
      }
    }
    return open;
  }

  StopDetector stop;
  std::optional<TextStream> stream;
  const bool ids;
  std::optional<Error> error;
  bool first = true, open = true;
};

} // namespace gemma::tools

#endif // GEMMA_TOOLS_ANSWERPRINTER_H
