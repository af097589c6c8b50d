//===- TokenListTest.cpp - Tests of TokenList -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/TokenList.h"

#include <gmock/gmock.h>

using namespace gemma;
using ::testing::ElementsAre;

static std::vector<int32_t> parse(std::string_view text) {
  auto tokens = parseTokenList(text, 2000, ErrorCode::InvalidUsage, "--tokens");
  EXPECT_TRUE(tokens) << tokens.error().message;
  return tokens ? *tokens : std::vector<int32_t>();
}

static std::string refuse(std::string_view text) {
  auto tokens = parseTokenList(text, 2000, ErrorCode::InvalidData, "x.txt");
  EXPECT_FALSE(tokens) << text;
  EXPECT_EQ(tokens.error().code, ErrorCode::InvalidData);
  return tokens.error().message;
}

TEST(TokenListTest, ReadsIds) {
  EXPECT_THAT(parse("2,5,7"), ElementsAre(2, 5, 7));
  EXPECT_THAT(parse("0"), ElementsAre(0));
  EXPECT_THAT(parse(" 2, 5\n7 ,1999\r\n"), ElementsAre(2, 5, 7, 1999));
}

TEST(TokenListTest, SaysWhatItFound) {
  EXPECT_EQ(refuse("2,2000,3"), "tokens: expected ids below 2000 separated by "
                                "commas, found '2000' (x.txt)");
  EXPECT_EQ(refuse(""), "tokens: expected ids below 2000 separated by commas, "
                        "found the end (x.txt)");
  for (const char *text :
       {"-1", "x", "2,,3", "2,", ",2", "2;3", "1.5", "0x10", "4294967296",
        "99999999999999999999", " ", "+2", "2 x", "2x"}) {
    refuse(text);
  }
}
