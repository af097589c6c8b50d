//===- WireReaderTest.cpp - Tests of WireReader.cpp -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/WireReader.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using ::testing::HasSubstr;

/// What the reader says of `bytes`: the number of fields, or the problem.
static std::string walk(std::string_view bytes) {
  WireReader reader(bytes, 0, bytes.size());
  int count = 0;
  while (std::optional<WireField> field = reader.next()) {
    EXPECT_LE(field->end, bytes.size());
    EXPECT_LE(field->begin, field->end);
    ++count;
  }
  return reader.getProblem().empty() ? std::to_string(count)
                                     : reader.getProblem();
}

TEST(WireReaderTest, ReadsEveryKind) {
  std::string_view bytes("\x08\x96\x01" // 1: varint 150
                         "\x12\x02hi"   // 2: bytes
                         "\x1d\1\2\3\4" // 3: fixed32
                         "\x21\1\2\3\4\5\6\7\x08",
                         21);
  WireReader reader(bytes, 0, bytes.size());
  auto field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->number, 1u);
  EXPECT_EQ(field->value, 150u);
  field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->tag, 3u);
  EXPECT_EQ(bytes.substr(field->begin, field->end - field->begin), "hi");
  field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->kind, WireField::Kind::Fixed32);
  field = reader.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->kind, WireField::Kind::Fixed64);
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.getProblem(), "");
}

TEST(WireReaderTest, RefusesBrokenFields) {
  EXPECT_THAT(walk("\x08"), HasSubstr("varint cut off at byte 1"));
  EXPECT_THAT(walk("\x08\x80"), HasSubstr("varint cut off"));
  EXPECT_THAT(walk("\x80"), HasSubstr("varint cut off at byte 0"));
  EXPECT_THAT(walk("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
              HasSubstr("more than 64 bits"));
  EXPECT_EQ(walk("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "1");
  EXPECT_THAT(walk("\x12\x03hi"), HasSubstr("longer than what is left"));
  EXPECT_THAT(walk("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
              HasSubstr("longer than what is left"));
  EXPECT_THAT(walk("\x1d\1\2\3"), HasSubstr("longer than what is left"));
  EXPECT_THAT(walk("\x0b"), HasSubstr("unknown wire type"));
  EXPECT_THAT(walk("\x0e"), HasSubstr("unknown wire type"));
  EXPECT_THAT(walk(std::string_view("\x00\x01", 2)),
              HasSubstr("field number out of range"));
  EXPECT_THAT(walk("\xff\xff\xff\xff\xff\x01"),
              HasSubstr("field number out of range"));
}

TEST(WireReaderTest, AppendsVarints) {
  std::string out;
  appendVarint(out, 0);
  appendVarint(out, 127);
  appendVarint(out, 300);
  EXPECT_EQ(out, std::string("\0\x7f\xac\x02", 4));
}
