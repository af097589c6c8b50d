//===- Compare.h - How far two models' predictions are apart ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_COMPARE_H
#define GEMMA_RUNTIME_TEXT_COMPARE_H

#include "runtime/text/Generate.h"
#include "runtime/text/Tokenizer.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// What two models A and B predict for the same tokens. All sums are f64.
class Comparison {
public:
  /// Adds a position: the logits of both, [vocab] f32, and the token that
  /// comes next. Errors: InvalidData if a logit is not finite.
  Result<void> add(Span<const float> a, Span<const float> b, int32_t next);

  uint64_t positions() const { return count; }
  /// KL(A || B) = sum over tokens of p_A (ln p_A - ln p_B), in nats per
  /// position.
  double meanKl() const { return perPosition(klSum); }
  double maxKl() const { return klMost; }
  /// Number of the position with the largest KL.
  uint64_t maxKlPosition() const { return klMostAt; }
  /// Share of the positions at which both like the same token best; of
  /// several equally good ones the first.
  double top1Agreement() const {
    return perPosition(static_cast<double>(agreed));
  }
  /// exp of the mean of -ln p(next token).
  double perplexityA() const;
  double perplexityB() const;

  /// A table for people; ends with a newline.
  std::string table() const;
  /// {"positions", "mean_kl", "max_kl", "max_kl_position", "top1_agreement",
  /// "perplexity": {"a", "b"}}; one line.
  std::string json() const;

private:
  double perPosition(double sum) const {
    return count == 0 ? 0 : sum / static_cast<double>(count);
  }

  uint64_t count = 0, agreed = 0, klMostAt = 0;
  double klSum = 0, klMost = 0, surpriseA = 0, surpriseB = 0;
};

/// The tokens of a text to evaluate a model on, without a begin token. With
/// `turns`, the markers <start_of_turn> and <end_of_turn> are their control
/// tokens, as in a file of conversations; all else is text, as anywhere.
/// Errors: as Tokenizer::encode; InvalidData if the tokenizer has no such
/// tokens.
Result<std::vector<int32_t>> encodeEvaluationText(const Tokenizer &tokenizer,
                                                  std::string_view text,
                                                  bool turns);

/// How to cut a text.
struct CompareWindows {
  /// Tokens of a window, at least 2.
  uint32_t window = 0;
  /// Starts each window; -1 = none.
  int32_t begin = -1;
  /// Rows of one forward.
  uint32_t rows = 1;
};

/// Runs both models over the text in windows of `window` tokens: the begin
/// token and what comes next of the text, up to where the window before ended.
/// Each window is a sequence of its own; every token of it but the first is
/// predicted from those before it. So each token of the text is predicted
/// once; without a begin token all but the first of each window.
/// Calls `onRows` with the number of rows that are done after each forward.
/// Errors: those of the forwards and of Comparison::add; InvalidData if there
/// is nothing to predict.
Result<Comparison> compareModels(const ForwardFunction &a,
                                 const ForwardFunction &b,
                                 Span<const int32_t> tokens,
                                 const CompareWindows &windows,
                                 const std::function<void(uint64_t)> &onRows);

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_COMPARE_H
