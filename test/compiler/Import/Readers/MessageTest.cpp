//===- MessageTest.cpp - Tests of Message.cpp -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Message.h"

#include "gtest/gtest.h"

using namespace gemma;

TEST(MessageTest, QuotesOnOneLineOfAscii) {
  EXPECT_EQ(inQuotes("a b"), "'a b'");
  EXPECT_EQ(inQuotes(std::string_view("a\n\x1b\0\xc3\xa9", 6)),
            "'a\\x0a\\x1b\\x00\\xc3\\xa9'");
  EXPECT_EQ(inQuotes(std::string(100, 'x')),
            "'" + std::string(64, 'x') + "...'");
}

TEST(MessageTest, PathsKeepTheirScript) {
  EXPECT_EQ(printablePath("/m\xc3\xb6\n"), "/m\xc3\xb6\\x0a");
}

TEST(MessageTest, SaysExpectedAndFound) {
  EXPECT_EQ(badField("f", "key", "a number", "'x'\n").message,
            "f: key: expected a number, found 'x'\\x0a");
  EXPECT_EQ(badFile("f", "JSON", "nothing").message,
            "f: expected JSON, found nothing");
  EXPECT_EQ(badFile("f", "JSON", "nothing").exitCode(), 65);
}

TEST(MessageTest, KnowsLfsPointers) {
  EXPECT_TRUE(isLfsPointer("version https://git-lfs.github.com/spec/v1\n"));
  EXPECT_FALSE(isLfsPointer("version https://git"));
}
