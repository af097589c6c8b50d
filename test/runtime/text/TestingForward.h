//===- TestingForward.h - A model that counts, for tests --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_RUNTIME_TEXT_TESTINGFORWARD_H
#define GEMMA_TEST_RUNTIME_TEXT_TESTINGFORWARD_H

#include "runtime/text/Generate.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace gemma::testing {

/// Stands in for a session: the next token of a sequence is its last token
/// plus one, or 0 (`kEnd`) after `last`. Checks what it is asked, as a session
/// does.
class CountingModel {
public:
  static constexpr int32_t kEnd = 0;
  static constexpr size_t kVocab = 100;

  CountingModel(uint32_t context, uint32_t maxRows, int32_t last = 1000)
      : context(context), maxRows(maxRows), last(last) {}

  ForwardFunction forward() {
    return [this](Span<const Run> runs, Span<const int32_t> outRows) {
      return run(runs, outRows);
    };
  }

  std::map<uint32_t, std::vector<int32_t>> slots;
  // Rows of each forward.
  std::vector<size_t> forwards;
  // The forward with this number fails.
  size_t failAt = SIZE_MAX;

private:
  Result<Span<const float>> run(Span<const Run> runs,
                                Span<const int32_t> outRows) {
    if (forwards.size() == failAt) {
      return Error{ErrorCode::Interrupted, "interrupted"};
    }
    std::vector<int32_t> rows;
    for (const Run &run : runs) {
      std::vector<int32_t> &slot = slots[run.slot];
      EXPECT_LE(run.position, slot.size()) << "a hole";
      slot.resize(run.position);
      slot.insert(slot.end(), run.tokens.begin(), run.tokens.end());
      EXPECT_LE(slot.size(), context);
      EXPECT_FALSE(run.tokens.empty());
      rows.insert(rows.end(), run.tokens.begin(), run.tokens.end());
    }
    EXPECT_LE(rows.size(), maxRows);
    EXPECT_GE(rows.size(), 1u);
    forwards.push_back(rows.size());
    logits.assign(outRows.size() * kVocab, 0);
    for (size_t i = 0; i < outRows.size(); ++i) {
      int32_t token = rows.at(outRows[i]);
      logits[i * kVocab + (token < last ? token + 1 : kEnd)] = 1;
    }
    return Span<const float>(logits.data(), logits.size());
  }

  uint32_t context, maxRows;
  int32_t last;
  std::vector<float> logits;
};

} // namespace gemma::testing

#endif // GEMMA_TEST_RUNTIME_TEXT_TESTINGFORWARD_H
