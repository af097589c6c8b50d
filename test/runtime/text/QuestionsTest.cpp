//===- QuestionsTest.cpp - Tests of Questions -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Questions.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace gemma;
using ::testing::HasSubstr;

TEST(QuestionsTest, ReadsLines) {
  auto questions = parseQuestions(
      "{\"category\": \"a\", \"question\": \"q\\n\", \"answer\": \"\u00e9\", "
      "\"unseen\": true, \"other\": 1}\n\n  \r\n"
      "{\"category\": \"b\", \"question\": \"\", \"answer\": \"\"}",
      "q.jsonl");
  ASSERT_TRUE(questions) << questions.error().message;
  ASSERT_EQ(questions->size(), 2u);
  EXPECT_EQ((*questions)[0].category, "a");
  EXPECT_EQ((*questions)[0].question, "q\n");
  EXPECT_EQ((*questions)[0].answer, "\u00e9");
  EXPECT_TRUE((*questions)[0].unseen);
  EXPECT_FALSE((*questions)[1].unseen);
}

TEST(QuestionsTest, NamesTheLineThatIsWrong) {
  auto message = [](std::string_view text) {
    auto questions = parseQuestions(text, "q.jsonl");
    EXPECT_FALSE(questions);
    EXPECT_EQ(questions.error().code, ErrorCode::InvalidData);
    return questions.error().message;
  };
  EXPECT_EQ(message("\n{]\n"), "question: expected a JSON object, found '{]' "
                               "(q.jsonl:2)");
  EXPECT_THAT(message("[1]"), HasSubstr("found '[1]' (q.jsonl:1)"));
  EXPECT_EQ(message("{\"category\": \"a\", \"answer\": \"x\"}"),
            "question: expected the key 'question' with a string, found none "
            "(q.jsonl:1)");
  EXPECT_THAT(message("{\"category\": 7}"),
              HasSubstr("'category' with a string, found 7"));
  EXPECT_THAT(message("{\"category\": \"a\", \"question\": \"b\", \"answer\": "
                      "\"c\", \"unseen\": 1}"),
              HasSubstr("'unseen' with true or false, found 1"));
  EXPECT_EQ(message(" \n"),
            "questions: expected at least one, found none (q.jsonl)");
  EXPECT_THAT(message("{\"a\": \"\xFF\"}"),
              HasSubstr("expected a JSON object"));
  EXPECT_THAT(message(std::string(100000, '[')), HasSubstr("JSON object"));
  EXPECT_THAT(message("{\"category\": " + std::string(500000, '[') +
                      std::string(500000, ']') + "}"),
              HasSubstr("'category' with a string, found array"));
}

TEST(QuestionsTest, ScoresTrimmedAnswers) {
  Scores scores;
  EXPECT_TRUE(scores.add({"capitals", "", "Paris ", true}, "\n Paris"));
  EXPECT_FALSE(scores.add({"capitals", "", "Paris", true}, "paris"));
  EXPECT_TRUE(scores.add({"capitals", "", "", false}, " "));
  EXPECT_FALSE(scores.add({"a", "", "x", true}, "x y"));
  EXPECT_EQ(scores.categories["capitals"].unseen.correct, 1u);
  EXPECT_EQ(scores.categories["capitals"].unseen.total, 2u);
  EXPECT_EQ(scores.total.correct, 2u);
  EXPECT_EQ(scores.total.total, 4u);
  EXPECT_EQ(scores.table(),
            "category                  seen                unseen\n"
            "a                            -     0 of    1   0.0 %\n"
            "capitals     1 of    1 100.0 %     1 of    2  50.0 %\n"
            "all          1 of    1 100.0 %     1 of    3  33.3 %\n"
            "total        2 of    4  50.0 %\n");
  auto json = nlohmann::json::parse(scores.json());
  EXPECT_EQ(json["categories"]["capitals"]["unseen"],
            (nlohmann::json{{"correct", 1}, {"total", 2}}));
  EXPECT_EQ(json["categories"]["a"]["seen"],
            (nlohmann::json{{"correct", 0}, {"total", 0}}));
  EXPECT_EQ(json["total"], (nlohmann::json{{"correct", 2}, {"total", 4}}));
}

TEST(QuestionsTest, TheTableHasNoControlCharacters) {
  Scores scores;
  scores.add({"\x1b[2J\n", "", "x", true}, "x");
  EXPECT_THAT(scores.table(), HasSubstr("\n\\x1b[2J\\x0a  "));
}
