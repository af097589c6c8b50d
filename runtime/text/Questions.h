//===- Questions.h - A file of questions and their answers ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_QUESTIONS_H
#define GEMMA_RUNTIME_TEXT_QUESTIONS_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// A question that has one right answer.
struct Question {
  std::string category, question, answer;
  /// It was not among the texts that the model was trained on.
  bool unseen = false;
};

/// Reads one question per line, each a JSON object
///
///   {"category": "capitals", "question": "…", "answer": "…", "unseen": true}
///
/// Other keys and empty lines are ignored. `name` is the file's, for errors.
/// Errors: InvalidData, naming the line; also if there is no question.
Result<std::vector<Question>> parseQuestions(std::string_view text,
                                             std::string_view name);

/// Right answers of some questions.
struct Score {
  uint64_t correct = 0, total = 0;

  void add(bool right) {
    correct += right;
    ++total;
  }
};

/// Scores by category, and of all questions together.
struct Scores {
  struct Category {
    Score seen, unseen;
  };
  std::map<std::string, Category> categories;
  Score total;

  /// Counts an answer: right if, both trimmed, it equals the expected one.
  /// Returns whether it is.
  bool add(const Question &question, std::string_view answer);

  /// A table for people; ends with a newline.
  std::string table() const;
  /// {"categories": {"NAME": {"seen": SCORE, "unseen": SCORE}, …},
  /// "total": SCORE} with SCORE = {"correct": N, "total": N}; one line.
  std::string json() const;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_QUESTIONS_H
