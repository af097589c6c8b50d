//===- GenerateTest.cpp - Tests of Generate -------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Generate.h"

#include "TestingForward.h"

#include <gmock/gmock.h>

using namespace gemma;
using gemma::testing::CountingModel;
using ::testing::ElementsAre;

namespace {
struct GenerateTest : ::testing::Test {
  Result<Generation> run(Sequence &sequence, std::vector<int32_t> prompt,
                         uint64_t limit = 0) {
    tokens.clear();
    Result<Sampler> greedy = Sampler::create({});
    return generate(sequence, prompt, *greedy, StopDetector({0}), limit,
                    [&](int32_t token) {
                      tokens.push_back(token);
                      return tokens.size() < callerStopsAfter;
                    });
  }
  std::vector<int32_t> tokens;
  size_t callerStopsAfter = SIZE_MAX;
};
} // namespace

TEST_F(GenerateTest, StopsAtTheEndToken) {
  CountingModel model(50, 8, 9);
  Sequence sequence(model.forward(), 50, 8);
  Result<Generation> result = run(sequence, {4, 5, 6});
  ASSERT_TRUE(result);
  EXPECT_THAT(tokens, ElementsAre(7, 8, 9));
  EXPECT_EQ(result->reason, StopReason::EndToken);
  EXPECT_EQ(result->pendingToken, -1);
  EXPECT_EQ(result->promptTokens, 3u);
  EXPECT_EQ(result->generatedTokens, 4u);
  EXPECT_GE(result->prefillSeconds, 0);
  EXPECT_GE(result->decodeSeconds, 0);
  // The last token is in the sequence, the end token is not.
  EXPECT_EQ(sequence.length(), 6u);
  EXPECT_THAT(model.slots[0], ElementsAre(4, 5, 6, 7, 8, 9));
}

TEST_F(GenerateTest, PrefillsInForwardsOfMaxRows) {
  CountingModel model(50, 4);
  Sequence sequence(model.forward(), 50, 4);
  ASSERT_TRUE(run(sequence, std::vector<int32_t>(10, 20), 2));
  EXPECT_THAT(model.forwards, ElementsAre(4, 4, 2, 1));
  EXPECT_THAT(tokens, ElementsAre(21, 22));
}

TEST_F(GenerateTest, StopsAtTheLimit) {
  CountingModel model(50, 8);
  Sequence sequence(model.forward(), 50, 8);
  Result<Generation> result = run(sequence, {1}, 3);
  ASSERT_TRUE(result);
  EXPECT_THAT(tokens, ElementsAre(2, 3, 4));
  EXPECT_EQ(result->reason, StopReason::Limit);
  EXPECT_EQ(result->pendingToken, 4);
  EXPECT_EQ(sequence.length(), 3u);
}

TEST_F(GenerateTest, StopsWhereTheContextEnds) {
  CountingModel model(5, 8);
  Sequence sequence(model.forward(), 5, 8);
  Result<Generation> result = run(sequence, {1, 2, 3});
  ASSERT_TRUE(result);
  // Two fit, and the last position gives a third.
  EXPECT_THAT(tokens, ElementsAre(4, 5, 6));
  EXPECT_EQ(result->reason, StopReason::ContextFull);
  EXPECT_EQ(sequence.length(), 5u);
}

TEST_F(GenerateTest, APromptMayFillTheContextButNotMore) {
  CountingModel model(3, 8);
  Sequence sequence(model.forward(), 3, 8);
  Result<Generation> tooLong = run(sequence, {1, 2, 3, 4});
  ASSERT_FALSE(tooLong);
  EXPECT_EQ(tooLong.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(tooLong.error().message,
            "prompt: expected at most 3 tokens (the context), found 4");
  EXPECT_TRUE(model.forwards.empty());
  Result<Generation> full = run(sequence, {1, 2, 3});
  ASSERT_TRUE(full);
  EXPECT_THAT(tokens, ElementsAre(4));
  Result<Generation> more = run(sequence, {1});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().message, "prompt: expected at most 0 tokens (what is "
                                  "left of a context of 3), found 1");
}

TEST_F(GenerateTest, AnEmptyPromptIsAnError) {
  CountingModel model(3, 8);
  Sequence sequence(model.forward(), 3, 8);
  Result<Generation> result = run(sequence, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message,
            "prompt: expected at least one token, found none");
}

TEST_F(GenerateTest, TheCallerMayStop) {
  CountingModel model(50, 8);
  Sequence sequence(model.forward(), 50, 8);
  callerStopsAfter = 2;
  Result<Generation> result = run(sequence, {1});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->reason, StopReason::Caller);
  EXPECT_THAT(tokens, ElementsAre(2, 3));
}

TEST_F(GenerateTest, ContinuesASequence) {
  CountingModel model(50, 8, 9);
  Sequence sequence(model.forward(), 50, 8);
  Result<Generation> first = run(sequence, {1}, 2);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->pendingToken, 3);
  ASSERT_TRUE(run(sequence, {first->pendingToken, 7}));
  EXPECT_THAT(tokens, ElementsAre(8, 9));
  EXPECT_THAT(model.slots[0], ElementsAre(1, 2, 3, 7, 8, 9));
}

TEST_F(GenerateTest, AFailureAppendsNothing) {
  CountingModel model(50, 2);
  model.failAt = 2;
  Sequence sequence(model.forward(), 50, 2);
  Result<Generation> result = run(sequence, {1, 2, 3, 4, 5});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Interrupted);
  EXPECT_EQ(sequence.length(), 0u);
}
