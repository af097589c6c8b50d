//===- AnswerAllTest.cpp - Tests of AnswerAll -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/AnswerAll.h"

#include "TestingForward.h"

#include <gmock/gmock.h>

#include <random>

using namespace gemma;
using gemma::testing::CountingModel;
using ::testing::ElementsAre;

using Tokens = std::vector<int32_t>;

static Result<std::map<size_t, Tokens>>
answer(CountingModel &model, const AnswerLimits &limits,
       const std::vector<Tokens> &prompts) {
  std::map<size_t, Tokens> answers;
  Result<void> done = answerAll(model.forward(), limits, prompts,
                                StopDetector({CountingModel::kEnd}),
                                [&](size_t prompt, const Tokens &tokens) {
                                  EXPECT_EQ(answers.count(prompt), 0u);
                                  answers[prompt] = tokens;
                                });
  if (!done) {
    return done.takeError();
  }
  return answers;
}

TEST(AnswerAllTest, AnswersEachPrompt) {
  CountingModel model(50, 8, 9);
  auto answers = answer(model, {2, 8, 50, 0}, {{5, 6}, {7}, {1, 2, 3, 8}, {9}});
  ASSERT_TRUE(answers) << answers.error().message;
  EXPECT_THAT((*answers)[0], ElementsAre(7, 8, 9));
  EXPECT_THAT((*answers)[1], ElementsAre(8, 9));
  EXPECT_THAT((*answers)[2], ElementsAre(9));
  EXPECT_TRUE(answers->count(3));
  EXPECT_TRUE((*answers)[3].empty());
}

TEST(AnswerAllTest, LimitsTheAnswer) {
  CountingModel model(50, 8);
  EXPECT_THAT((*answer(model, {1, 8, 50, 2}, {{5}}))[0], ElementsAre(6, 7));
  EXPECT_THAT((*answer(model, {1, 8, 4, 0}, {{5, 6}}))[0],
              ElementsAre(7, 8, 9));
}

TEST(AnswerAllTest, RefusesPromptsThatDoNotFit) {
  CountingModel model(3, 8);
  auto tooLong = answer(model, {1, 8, 3, 0}, {{1}, {1, 2, 3, 4}});
  ASSERT_FALSE(tooLong);
  EXPECT_EQ(tooLong.error().message,
            "prompt 2: expected 1 to 3 tokens (the context), found 4");
  EXPECT_FALSE(answer(model, {1, 8, 3, 0}, {{}}));
  EXPECT_TRUE(model.forwards.empty());
}

TEST(AnswerAllTest, PassesErrorsOn) {
  CountingModel model(50, 8);
  model.failAt = 3;
  auto failed = answer(model, {2, 8, 50, 0}, {{1}, {2}});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::Interrupted);
}

/// Slots and rows change the forwards, never an answer.
TEST(AnswerAllTest, SlotsAndRowsDoNotMatter) {
  std::mt19937 random(6);
  std::vector<Tokens> prompts(40);
  for (Tokens &prompt : prompts) {
    prompt.resize(1 + random() % 20);
    for (int32_t &token : prompt) {
      token = 1 + random() % 30;
    }
  }
  CountingModel alone(60, 1, 30);
  auto expected = answer(alone, {1, 1, 60, 20}, prompts);
  ASSERT_TRUE(expected);
  ASSERT_EQ(expected->size(), prompts.size());
  for (uint32_t slots : {1, 2, 5, 40, 100}) {
    for (uint32_t rows : {slots, slots + 3, 128u}) {
      CountingModel model(60, rows, 30);
      auto answers = answer(model, {slots, rows, 60, 20}, prompts);
      ASSERT_TRUE(answers);
      EXPECT_EQ(*answers, *expected) << slots << " slots, " << rows << " rows";
    }
  }
}
