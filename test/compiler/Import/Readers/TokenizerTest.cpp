//===- TokenizerTest.cpp - Tests of Tokenizer.cpp -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Tokenizer.h"

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
  EXPECT_FALSE((*tokenizer)->isChat());
  config.hasChatTemplate = true;
  EXPECT_TRUE((*readTokenizer(folder.path, config))->isChat());
}

TEST(TokenizerTest, HashIsThatOfTheFile) {
  // SHA-256 of a file that sha256sum was asked for.
  TemporaryFolder folder;
  writeFile(folder / "tokenizer.model",
            wirePiece("<unk>", 2) + wireBytes(2, wireNumber(3, 2)));
  ModelConfig config;
  config.vocab = 1;
  auto tokenizer = readTokenizer(folder.path, config);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ((*tokenizer)->sha256,
            "e892f154a8b3f6c0e7f6249506f39c8a798ab9cbed5db686cc960928814f6338");
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
