//===- PieceWriterTest.cpp - Tests of PieceWriter.cpp ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/PieceWriter.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gtest/gtest.h"

using namespace gemma;
using namespace gemma::testing;

TEST(PieceWriterTest, WritesTheFieldsOfTheSchema) {
  std::string out = "x";
  appendPiece(out, "ab", -1.5f, PieceType::UserDefined);
  EXPECT_EQ(out, "x" + wirePiece("ab", 4, -1.5f));
  out.clear();
  appendNumber(out, 35, 300);
  EXPECT_EQ(out, wireNumber(35, 300));
  out.clear();
  appendBytes(out, 2, std::string(200, 'a'));
  EXPECT_EQ(out, wireBytes(2, std::string(200, 'a')));
}

TEST(PieceWriterTest, WhatIsWrittenIsReadAgain) {
  std::string more;
  appendPiece(more, "<c d>", -7, PieceType::Control);
  std::string bytes = tinyTokenizer(more);
  Result<TokenizerProto> model = TokenizerProto::parse(bytes, "t");
  ASSERT_TRUE(model) << model.error().message;
  const TokenizerPiece &piece = model->getPiece(model->size() - 1);
  EXPECT_EQ(piece.text, "<c d>");
  EXPECT_EQ(piece.score, -7);
  EXPECT_EQ(piece.type, PieceType::Control);
}

TEST(PieceWriterTest, SpacesHaveASignOfTheirOwn) {
  EXPECT_EQ(withSpaceSigns(""), "");
  EXPECT_EQ(withSpaceSigns(" a  b\n"), "\xe2\x96\x81"
                                       "a\xe2\x96\x81\xe2\x96\x81"
                                       "b\n");
}
