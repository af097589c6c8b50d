//===- CompareTest.cpp - How far two models' predictions are apart --------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Compare.h"

#include "TestingForward.h"
#include "TestingTokenizer.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>

using namespace gemma;
using namespace gemma::testing;

// Logits that are ln of probabilities, moved by any constant.
static std::vector<float> logits(std::vector<double> probabilities,
                                 double moved = 0) {
  std::vector<float> result;
  for (double probability : probabilities) {
    result.push_back(static_cast<float>(std::log(probability) + moved));
  }
  return result;
}

TEST(CompareTest, KlOfKnownDistributions) {
  Comparison comparison;
  std::vector<float> a = logits({0.5, 0.25, 0.25}, 7);
  std::vector<float> b = logits({0.25, 0.5, 0.25}, -300);
  ASSERT_TRUE(comparison.add(a, b, 0));
  // 0.5 ln 2 - 0.25 ln 2
  EXPECT_NEAR(comparison.meanKl(), 0.25 * std::log(2), 1e-5);
  EXPECT_EQ(comparison.top1Agreement(), 0);
  EXPECT_NEAR(comparison.perplexityA(), 2, 1e-5);
  EXPECT_NEAR(comparison.perplexityB(), 4, 1e-4);
  ASSERT_TRUE(comparison.add(a, a, 1));
  EXPECT_EQ(comparison.positions(), 2u);
  EXPECT_NEAR(comparison.meanKl(), 0.125 * std::log(2), 1e-5);
  EXPECT_NEAR(comparison.maxKl(), 0.25 * std::log(2), 1e-5);
  EXPECT_EQ(comparison.maxKlPosition(), 0u);
  EXPECT_EQ(comparison.top1Agreement(), 0.5);
  // sqrt(2 * 4)
  EXPECT_NEAR(comparison.perplexityA(), std::sqrt(8), 1e-4);
}

TEST(CompareTest, EqualLogitsGiveExactlyZero) {
  Comparison comparison;
  std::vector<float> a = {80, -2000, 3, 3.5F};
  ASSERT_TRUE(comparison.add(a, a, 0));
  EXPECT_EQ(comparison.meanKl(), 0);
  EXPECT_EQ(comparison.maxKl(), 0);
  EXPECT_EQ(comparison.top1Agreement(), 1);
  EXPECT_EQ(comparison.perplexityA(), comparison.perplexityB());
}

// Where exp alone would overflow or vanish.
TEST(CompareTest, LargeLogits) {
  Comparison comparison;
  std::vector<float> a = {3000, 2000}, b = {-3000, -4000};
  ASSERT_TRUE(comparison.add(a, b, 0));
  EXPECT_EQ(comparison.meanKl(), 0);
  EXPECT_EQ(comparison.perplexityA(), 1);
  std::vector<float> c = {2000, 3000};
  ASSERT_TRUE(comparison.add(a, c, 0));
  EXPECT_NEAR(comparison.maxKl(), 1000, 1e-9);
  EXPECT_EQ(comparison.maxKlPosition(), 1u);
}

TEST(CompareTest, NanIsAnError) {
  Comparison comparison;
  std::vector<float> good = {1, 2};
  for (float value : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    std::vector<float> bad = {1, value};
    EXPECT_EQ(comparison.add(good, bad, 0).error().code,
              ErrorCode::InvalidData);
    EXPECT_EQ(comparison.add(bad, good, 0).error().code,
              ErrorCode::InvalidData);
  }
  EXPECT_EQ(comparison.positions(), 0u);
}

TEST(CompareTest, Json) {
  Comparison comparison;
  ASSERT_TRUE(comparison.add(logits({0.5, 0.5}), logits({0.5, 0.5}), 1));
  auto json = nlohmann::json::parse(comparison.json());
  EXPECT_EQ(json["positions"], 1);
  EXPECT_EQ(json["mean_kl"], 0.0);
  EXPECT_EQ(json["max_kl"], 0.0);
  EXPECT_EQ(json["top1_agreement"], 1.0);
  EXPECT_NEAR(json["perplexity"]["a"], 2, 1e-6);
  EXPECT_NEAR(json["perplexity"]["b"], 2, 1e-6);
  EXPECT_NE(comparison.table().find("perplexity        A 2.0000, B 2.0000\n"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

static Result<Comparison> compare(CountingModel &a, CountingModel &b,
                                  std::vector<int32_t> tokens,
                                  CompareWindows windows) {
  return compareModels(a.forward(), b.forward(), tokens, windows,
                       [](uint64_t) {});
}

// The model says that the next number comes next: of each window the tokens
// but the first are predicted, in forwards of at most `rows` rows.
TEST(CompareTest, EveryTokenOfTheTextIsPredictedOnce) {
  CountingModel a(5, 3), b(5, 3);
  Result<Comparison> result =
      compare(a, b, {11, 12, 13, 14, 21, 22, 23, 24, 31}, {5, 10, 3});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->positions(), 9u);
  // Windows 10 11 12 13 14 | 10 21 22 23 24 | 10 31, the last token of each
  // not run.
  EXPECT_EQ(a.forwards, (std::vector<size_t>{3, 1, 3, 1, 1}));
  EXPECT_EQ(b.forwards, a.forwards);
  EXPECT_EQ(a.slots[0], (std::vector<int32_t>{10}));
  EXPECT_EQ(result->meanKl(), 0);
}

TEST(CompareTest, WithoutABeginTokenTheFirstOfEachWindowIsGiven) {
  CountingModel a(4, 8), b(4, 8);
  std::vector<int32_t> tokens = {1, 2, 3, 4, 5, 6, 7};
  Result<Comparison> result = compare(a, b, tokens, {4, -1, 8});
  ASSERT_TRUE(result);
  // Windows 1 2 3 4 | 5 6 7.
  EXPECT_EQ(result->positions(), 5u);
  EXPECT_EQ(a.forwards, (std::vector<size_t>{3, 2}));
  // Each prediction is right: one logit is 1, the other 99 are 0.
  EXPECT_NEAR(result->perplexityA(), (std::exp(1) + 99) / std::exp(1), 1e-6);
}

TEST(CompareTest, NothingToPredictIsAnError) {
  CountingModel a(4, 8), b(4, 8);
  for (const std::vector<int32_t> &tokens :
       {std::vector<int32_t>{}, std::vector<int32_t>{1}}) {
    EXPECT_EQ(compare(a, b, tokens, {4, -1, 8}).error().code,
              ErrorCode::InvalidData);
  }
}

TEST(CompareTest, PassesErrorsOn) {
  CountingModel a(4, 8), b(4, 8);
  b.failAt = 0;
  EXPECT_EQ(compare(a, b, {1, 2, 3}, {4, 10, 8}).error().code,
            ErrorCode::Interrupted);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

TEST(CompareTest, TurnMarkersAreControlTokens) {
  const Tokenizer &tokenizer = tinyTokenizer();
  std::string_view text = "<start_of_turn>user\nHi<end_of_turn>\n";
  auto tokens = encodeEvaluationText(tokenizer, text, true);
  ASSERT_TRUE(tokens);
  std::vector<int32_t> expected = {kStartOfTurn};
  for (int32_t id : encoded(tokenizer, "user\nHi")) {
    expected.push_back(id);
  }
  expected.push_back(kEndOfTurn);
  for (int32_t id : encoded(tokenizer, "\n")) {
    expected.push_back(id);
  }
  EXPECT_EQ(*tokens, expected);
  // Others are not, and none is in a raw text.
  EXPECT_EQ(*encodeEvaluationText(tokenizer, "<bos> a <eos>", true),
            encoded(tokenizer, "<bos> a <eos>"));
  EXPECT_EQ(*encodeEvaluationText(tokenizer, text, false),
            encoded(tokenizer, text));
  EXPECT_TRUE(encodeEvaluationText(tokenizer, "", true)->empty());
}
