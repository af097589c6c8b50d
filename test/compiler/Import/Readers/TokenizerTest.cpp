//===- TokenizerTest.cpp - Tests of Tokenizer.cpp -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Tokenizer.h"

#include "compiler/Import/Readers/TokenizerProto.h"
#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using namespace gemma::testing;
using ::testing::HasSubstr;

TEST(TokenizerTest, ReadsAFile) {
  TemporaryFolder folder;
  writeFile(folder / "tokenizer.model", tinyTokenizer());
  ModelConfig config;
  config.vocab = 268;
  config.specialPieces = {"<b>"};
  auto tokenizer = readTokenizer(folder.path, config);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  ASSERT_TRUE(*tokenizer);
  EXPECT_EQ((*tokenizer)->startOfTurn, 4);
  EXPECT_EQ((*tokenizer)->endOfTurn, 5);
  EXPECT_EQ((*tokenizer)->artifactBytes.size(), tinyTokenizer().size());
  EXPECT_EQ((*tokenizer)->chatFormat, "");
  config.chatFormat = "gemma3";
  EXPECT_EQ((*readTokenizer(folder.path, config))->chatFormat, "gemma3");
}

TEST(TokenizerTest, TurnsNeedTheirPieces) {
  TemporaryFolder folder;
  std::string model = tinyTokenizer();
  model[model.find("<end_of_turn>") + 1] = 'E';
  writeFile(folder / "tokenizer.model", model);
  ModelConfig config;
  config.vocab = 268;
  config.chatFormat = "gemma3";
  auto tokenizer = readTokenizer(folder.path, config);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->endOfTurn, -1);
  EXPECT_EQ((*tokenizer)->chatFormat, "");
}

TEST(TokenizerTest, HashIsThatOfTheFile) {
  // SHA-256 of a file that sha256sum was asked for.
  TemporaryFolder folder;
  writeFile(folder / "tokenizer.model", wirePiece("<unk>", 2) +
                                            wireBytes(2, wireNumber(3, 2)) +
                                            wireNormalizer());
  ModelConfig config;
  config.vocab = 1;
  auto tokenizer = readTokenizer(folder.path, config);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->sha256,
            "3c66a7a3dbb082cb446a11327b39fc3290a73ffc37a4e3055271a19d87c9a895");
}

/// CodeGemma's tokens for infilling, in tokenizer_config.json alone.
TEST(TokenizerTest, AddedTokensRenamePieces) {
  TemporaryFolder folder;
  writeFile(
      folder / "tokenizer.model",
      tinyTokenizer(wirePiece("<unused60>", 4) + wirePiece("<unused61>", 4)));
  ModelConfig config;
  config.vocab = 300;
  config.addedTokens = {{268, "<|fim_prefix|>"}, {269, "<x>"}, {280, "<y>"}};
  auto tokenizer = readTokenizer(folder.path, config);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  auto proto = TokenizerProto::parse((*tokenizer)->artifactBytes, "t");
  ASSERT_TRUE(proto) << proto.error().message;
  EXPECT_EQ(proto->size(), 270);
  EXPECT_EQ(proto->find("<|fim_prefix|>"), 268);
  EXPECT_EQ(proto->getPiece(268).type, PieceType::Control);
  EXPECT_EQ(proto->find("<x>"), 269);
  EXPECT_EQ(proto->getPiece(269).type, PieceType::UserDefined);
  EXPECT_EQ(proto->find("<unused60>"), -1);
  // The hash is that of the file.
  config.addedTokens.clear();
  EXPECT_EQ((*readTokenizer(folder.path, config))->sha256,
            (*tokenizer)->sha256);
}

TEST(TokenizerTest, RenamedPiecesAreVetted) {
  TemporaryFolder folder;
  writeFile(folder / "tokenizer.model", tinyTokenizer());
  ModelConfig config;
  config.vocab = 300;
  config.addedTokens = {{267, "ab"}};
  auto tokenizer = readTokenizer(folder.path, config);
  ASSERT_FALSE(tokenizer);
  EXPECT_THAT(tokenizer.error().message,
              HasSubstr("tokenizer.model with tokenizer_config.json's "
                        "added_tokens_decoder: piece 267: expected each text "
                        "once, found 'ab', which is piece 265 too"));
  config.addedTokens = {{10, "x"}};
  EXPECT_FALSE(readTokenizer(folder.path, config));
  // Other names for the turn pieces are another format.
  config.addedTokens = {{4, "<|im_start|>"}};
  config.chatFormat = "gemma";
  tokenizer = readTokenizer(folder.path, config);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->chatFormat, "");
}

TEST(TokenizerTest, IsOptional) {
  TemporaryFolder folder;
  auto tokenizer = readTokenizer(folder.path, ModelConfig());
  ASSERT_TRUE(tokenizer);
  EXPECT_FALSE(*tokenizer);
}

TEST(TokenizerTest, MustFitTheVocabulary) {
  TemporaryFolder folder;
  writeFile(folder / "tokenizer.model", tinyTokenizer());
  ModelConfig config;
  config.vocab = 267;
  auto tokenizer = readTokenizer(folder.path, config);
  ASSERT_FALSE(tokenizer);
  EXPECT_THAT(
      tokenizer.error().message,
      HasSubstr("pieces: expected at most vocab_size = 267, found 268"));
}
