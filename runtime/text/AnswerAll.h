//===- AnswerAll.h - Greedy answers to many prompts at once -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_ANSWERALL_H
#define GEMMA_RUNTIME_TEXT_ANSWERALL_H

#include "runtime/text/Generate.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace gemma {

/// How many sequences run side by side, and how far.
struct AnswerLimits {
  /// Sequences in one forward, each in a slot of its own.
  uint32_t slots = 1;
  /// Rows of one forward, at least `slots`.
  uint32_t maxRows = 1;
  /// Tokens of a prompt and its answer together.
  uint32_t context = 0;
  /// Tokens of an answer; 0 = no limit.
  uint32_t tokens = 0;
};

/// Answers every prompt greedily, up to an end token (which is not part of the
/// answer) or a limit. Forwards mix prompts and answers: when a sequence ends,
/// the next prompt takes its slot. That changes no answer, as rows do not
/// depend on each other. Calls `onAnswer` with the number of the prompt as
/// soon as its answer is there.
/// Errors: InvalidData for a prompt that is empty or does not fit the context;
/// those of forward and Sampler::sample.
Result<void> answerAll(
    const ForwardFunction &forward, const AnswerLimits &limits,
    Span<const std::vector<int32_t>> prompts, const StopDetector &stop,
    const std::function<void(size_t, const std::vector<int32_t> &)> &onAnswer);

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_ANSWERALL_H
