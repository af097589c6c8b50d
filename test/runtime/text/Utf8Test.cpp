//===- Utf8Test.cpp - Tests of Utf8 ---------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Utf8.h"

#include "TestingTokenizer.h"

#include <gtest/gtest.h>

using namespace gemma;

static void expectStep(std::string_view text, Utf8Step::Kind kind,
                       size_t size) {
  Utf8Step step = nextUtf8(text);
  EXPECT_EQ(step.kind, kind) << ::testing::PrintToString(text);
  EXPECT_EQ(step.size, size) << ::testing::PrintToString(text);
}

TEST(Utf8Test, AcceptsEveryCodePoint) {
  std::string text;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) {
      continue;
    }
    text.clear();
    gemma::testing::appendUtf8(c, text);
    Utf8Step step = nextUtf8(text + "x");
    ASSERT_EQ(step.kind, Utf8Step::Valid) << std::hex << uint32_t(c);
    ASSERT_EQ(step.size, text.size());
    ASSERT_EQ(step.codePoint, c);
  }
}

TEST(Utf8Test, RefusesWhatTheStandardRefuses) {
  expectStep("\x80", Utf8Step::Invalid, 1);
  expectStep("\xC0\x80", Utf8Step::Invalid, 1);
  expectStep("\xC1\xBF", Utf8Step::Invalid, 1);
  expectStep("\xE0\x80\x80", Utf8Step::Invalid, 1);
  expectStep("\xED\xA0\x80", Utf8Step::Invalid, 1);
  expectStep("\xF0\x80\x80\x80", Utf8Step::Invalid, 1);
  expectStep("\xF4\x90\x80\x80", Utf8Step::Invalid, 1);
  expectStep("\xF5\x80\x80\x80", Utf8Step::Invalid, 1);
  expectStep("\xFF", Utf8Step::Invalid, 1);
  // What begins well is one step together (Unicode 3.9, table 3-8).
  expectStep("\xE1\x80x", Utf8Step::Invalid, 2);
  expectStep("\xF1\x80\x80\xE1", Utf8Step::Invalid, 3);
}

TEST(Utf8Test, TellsIncompleteFromInvalid) {
  expectStep("\xC2", Utf8Step::Incomplete, 1);
  expectStep("\xE2\x82", Utf8Step::Incomplete, 2);
  expectStep("\xF0\x9F\x98", Utf8Step::Incomplete, 3);
  expectStep("\xE0\x80", Utf8Step::Invalid, 1);
}

TEST(Utf8Test, TrimsAsPythonDoes) {
  EXPECT_EQ(trimUnicode(""), "");
  EXPECT_EQ(trimUnicode(" \t\r\n"), "");
  EXPECT_EQ(trimUnicode("a"), "a");
  EXPECT_EQ(trimUnicode("  a b \n"), "a b");
  EXPECT_EQ(trimUnicode("\x1C\x1F\v\f a"), "a");
  EXPECT_EQ(trimUnicode("\u00A0\u1680\u2003\u2028\u202F\u205F\u3000"
                        "a\u0085"),
            "a");
  // No white space for Python: zero-width space, byte order mark, NUL.
  EXPECT_EQ(trimUnicode("\u200Ba"), "\u200Ba");
  EXPECT_EQ(trimUnicode("\uFEFFa"), "\uFEFFa");
  EXPECT_EQ(trimUnicode(std::string_view("\0a", 2)),
            std::string_view("\0a", 2));
  EXPECT_EQ(trimUnicode(" \xFF "), "\xFF");
}
