//===- AddedTokensTest.cpp - Tests of AddedTokens.cpp ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/AddedTokens.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using namespace gemma::testing;

static Result<std::string> rename(const std::string &bytes,
                                  const AddedTokens &added) {
  Result<TokenizerProto> model = TokenizerProto::parse(bytes, "t");
  EXPECT_TRUE(model) << model.error().message;
  return renamePieces(bytes, *model, added, "t");
}

TEST(AddedTokensTest, WhatAgreesChangesNothing) {
  // Tokens 262 and 266 are U+2581 and a newline.
  EXPECT_EQ(*rename(tinyTokenizer(), {}), "");
  EXPECT_EQ(*rename(tinyTokenizer(),
                    {{0, "<pad>"}, {3, "<unk>"}, {6, "<0x00>"}, {266, "\n"}}),
            "");
  for (const char *space : {" ", "\xe2\x96\x81"}) {
    EXPECT_EQ(*rename(tinyTokenizer(), {{262, space}}), "");
  }
}

TEST(AddedTokensTest, TokensBeyondTheModelAreLeftOut) {
  EXPECT_EQ(*rename(tinyTokenizer(), {{-1, "a"}, {268, "x"}, {1 << 30, "y"}}),
            "");
}

TEST(AddedTokensTest, RenamesAndKeepsAllElse) {
  std::string bytes = tinyTokenizer(wirePiece("<c>", 4, -7));
  auto out =
      rename(bytes, {{4, "<|im start|>"}, {2, "<s>"}, {268, "<longer>"}});
  ASSERT_TRUE(out) << out.error().message;
  Result<TokenizerProto> before = TokenizerProto::parse(bytes, "t");
  Result<TokenizerProto> after = TokenizerProto::parse(*out, "t");
  ASSERT_TRUE(after) << after.error().message;
  ASSERT_EQ(after->size(), before->size());
  for (int64_t token = 0; token < after->size(); ++token) {
    const TokenizerPiece &piece = after->getPiece(token);
    EXPECT_EQ(piece.score, before->getPiece(token).score) << token;
    EXPECT_EQ(piece.type, before->getPiece(token).type) << token;
    if (token != 2 && token != 4 && token != 268) {
      EXPECT_EQ(piece.text, before->getPiece(token).text) << token;
    }
  }
  EXPECT_EQ(after->getPiece(4).text, "<|im\xe2\x96\x81start|>");
  EXPECT_EQ(after->getPiece(2).text, "<s>");
  EXPECT_EQ(after->getPiece(268).text, "<longer>");
}

TEST(AddedTokensTest, ANormalPieceIsMatchedAsAWholeFromThenOn) {
  auto out = rename(tinyTokenizer(), {{265, "<ab>"}});
  ASSERT_TRUE(out);
  Result<TokenizerProto> model = TokenizerProto::parse(*out, "t");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->getPiece(265).type, PieceType::UserDefined);
}

TEST(AddedTokensTest, TokenizerJsonAddsTokens) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  EXPECT_THAT(*parseAddedTokens(R"({"version": "1.0", "added_tokens": [
      {"id": 5, "content": "<a>", "special": true, "x": [{"id": "y"}]},
      {"lstrip": null, "id": 3, "p": 0.5, "n": -1, "id2": 7},
      {"id": 5, "content": "b"}], "id": 8, "post": [3, {"id": "x"}, null],
      "model": {"added_tokens": [{"id": 9}],
      "vocab": {"a": 1}, "merges": [["a", "b"], "c d"]}})",
                                "t"),
              ElementsAre(3, 5));
  for (const char *none : {"{}", R"({"added_tokens": null})",
                           R"({"added_tokens": [], "model": {"x": [1]}})"}) {
    EXPECT_THAT(*parseAddedTokens(none, "t"), IsEmpty()) << none;
  }
}

TEST(AddedTokensTest, RefusesAnotherTokenizerJson) {
  using ::testing::HasSubstr;
  auto errorOf = [](const std::string &text) {
    Result<std::set<int64_t>> tokens = parseAddedTokens(text, "t");
    return tokens ? std::string("no error") : tokens.error().message;
  };
  for (const char *text : {"[]", "3"}) {
    EXPECT_EQ(errorOf(text), "t: expected a JSON object, found something else")
        << text;
  }
  for (const char *text : {"", "{\"added_tokens\": [", "{\"a\": 01}", "{} {}",
                           "{\"a\": \"\xff\"}"}) {
    EXPECT_THAT(errorOf(text), HasSubstr("t: expected a JSON object, found "
                                         "something else at byte "))
        << text;
  }
  EXPECT_EQ(errorOf(R"({"added_tokens": {"id": 1}})"),
            "t: added_tokens: expected a list, found an object");
  for (const char *token :
       {"-1", "1.5", "\"1\"", "null", "18446744073709551615", "[]"}) {
    EXPECT_THAT(
        errorOf(std::string("{\"added_tokens\": [{\"id\": ") + token + "}]}"),
        HasSubstr("expected objects with a token as id, found "));
  }
  std::string many = "{\"added_tokens\": [{\"id\": 1048576}";
  for (int id = 0; id < 1 << 20; ++id) {
    many += ",{\"id\":" + std::to_string(id) + "}";
  }
  EXPECT_EQ(errorOf(many + "]}"),
            "t: added_tokens: expected at most 1048576 tokens, found more");
  EXPECT_THAT(errorOf(R"({"added_tokens": [[{"id": 1}]]})"),
              HasSubstr("id, found a list of 0"));
  EXPECT_THAT(errorOf(R"({"added_tokens": [{"id": {"id": 1}}]})"),
              HasSubstr("id, found an object"));
  EXPECT_THAT(errorOf(R"({"added_tokens": [{"x": {"id": 1}}]})"),
              HasSubstr("id, found an object"));
  EXPECT_THAT(errorOf(R"({"added_tokens": [3]})"), HasSubstr("id, found 3"));
  EXPECT_THAT(errorOf(R"({"added_tokens": [{}]})"), HasSubstr("an object"));
  EXPECT_THAT(errorOf("{\"model\": " + std::string(100, '[') +
                      std::string(100, ']') + "}"),
              HasSubstr("nested at most 64"));
  EXPECT_THAT(errorOf("version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("git-lfs pointer"));
}

TEST(AddedTokensTest, BytesAndUnknownKeepTheirNames) {
  auto byte = rename(tinyTokenizer(), {{6, "x"}});
  ASSERT_FALSE(byte);
  EXPECT_EQ(byte.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(byte.error().message,
            "t: piece 6: expected '<0x00>' in tokenizer_config.json too, found "
            "'x'");
  EXPECT_FALSE(rename(tinyTokenizer(), {{3, "x\n"}}));
}
