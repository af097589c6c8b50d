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

TEST(AddedTokensTest, BytesAndUnknownKeepTheirNames) {
  auto byte = rename(tinyTokenizer(), {{6, "x"}});
  ASSERT_FALSE(byte);
  EXPECT_EQ(byte.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(byte.error().message,
            "t: piece 6: expected '<0x00>' in tokenizer_config.json too, found "
            "'x'");
  EXPECT_FALSE(rename(tinyTokenizer(), {{3, "x\n"}}));
}
