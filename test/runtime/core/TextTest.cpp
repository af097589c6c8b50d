//===- TextTest.cpp - Text in messages ------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Text.h"

#include <gtest/gtest.h>

using namespace gemma;

TEST(TextTest, PrintableHasNoControlCharacters) {
  EXPECT_EQ(printable("plain"), "plain");
  EXPECT_EQ(printable("ä"), "ä");
  EXPECT_EQ(printable("a\nb\x1b\x7f"), "a\\x0ab\\x1b\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(TextTest, ByteCounts) {
  EXPECT_EQ(byteCount(0), "0 bytes");
  EXPECT_EQ(byteCount(1023), "1023 bytes");
  EXPECT_EQ(byteCount(1536), "1.5 KiB");
  EXPECT_EQ(byteCount(uint64_t(5) << 30), "5.0 GiB");
  EXPECT_EQ(byteCount(~uint64_t(0)), "16.0 EiB");
}
