//===- TextStreamTest.cpp - Tests of TextStream ---------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/TextStream.h"

#include "TestingTokenizer.h"
#include "runtime/text/Utf8.h"

using namespace gemma;
using namespace gemma::testing;

/// Byte tokens that spell some bytes.
static std::vector<int32_t> byteTokens(std::string_view bytes) {
  std::vector<int32_t> ids;
  for (char c : bytes) {
    char piece[8];
    std::snprintf(piece, sizeof(piece), "<0x%02X>",
                  static_cast<unsigned char>(c));
    ids.push_back(*tinyTokenizer().find(piece));
  }
  return ids;
}

TEST(TextStreamTest, JoinsBytesOfOneCodePoint) {
  TextStream stream(tinyTokenizer());
  std::vector<int32_t> ids = byteTokens("\xF0\x9F\x98\x80");
  EXPECT_EQ(stream.add(ids[0]), "");
  EXPECT_EQ(stream.add(ids[1]), "");
  EXPECT_EQ(stream.add(ids[2]), "");
  EXPECT_EQ(stream.add(ids[3]), "\xF0\x9F\x98\x80");
  EXPECT_EQ(stream.finish(), "");
}

TEST(TextStreamTest, ShowsInvalidBytesAsReplacement) {
  std::string replacement(kReplacementCharacter);
  EXPECT_EQ(decode(tinyTokenizer(), byteTokens("\xFF\xFE")),
            replacement + replacement);
  EXPECT_EQ(decode(tinyTokenizer(), byteTokens("\xE2\x82")), replacement);
  EXPECT_EQ(decode(tinyTokenizer(), byteTokens("\xE2\x82x\x80")),
            replacement + "x" + replacement);
  std::vector<int32_t> cutOff = byteTokens("\xE2");
  cutOff.push_back(kNewline);
  EXPECT_EQ(decode(tinyTokenizer(), cutOff), replacement + "\n");
}

TEST(TextStreamTest, FinishStartsAnew) {
  TextStream stream(tinyTokenizer());
  EXPECT_EQ(stream.add(byteTokens("\xC3")[0]), "");
  EXPECT_EQ(stream.finish(), kReplacementCharacter);
  EXPECT_EQ(stream.add(kNewline), "\n");
  EXPECT_EQ(stream.finish(), "");
}

TEST(TextStreamTest, KeepsLeadingSpaces) {
  EXPECT_EQ(decode(tinyTokenizer(), encoded(tinyTokenizer(), "  two ")),
            "  two ");
}

TEST(TextStreamTest, ControlTokensGiveNoText) {
  EXPECT_EQ(decode(tinyTokenizer(),
                   {kBos, kStartOfTurn, kNewline, kEndOfTurn, kEos, 0}),
            "\n");
}

TEST(TextStreamTest, TextOfAnyTokensIsValidUtf8) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::vector<int32_t> ids(random() % 40);
    for (int32_t &id : ids) {
      // Mostly byte tokens.
      id = random() % 4 ? byteTokens(std::string(1, random()))[0]
                        : static_cast<int32_t>(random() % 2000);
    }
    std::string text = decode(tinyTokenizer(), ids);
    for (size_t i = 0; i < text.size();) {
      Utf8Step step = nextUtf8(std::string_view(text).substr(i));
      ASSERT_EQ(step.kind, Utf8Step::Valid);
      i += step.size;
    }
  }
}

TEST(TextStreamTest, RoundTripsRandomUtf8) {
  std::mt19937 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string text = randomUtf8(random, random() % 50);
    ASSERT_EQ(decode(tinyTokenizer(), encoded(tinyTokenizer(), text)), text);
  }
}
