//===- GgufMetadataTest.cpp - Tests of GgufMetadata.cpp -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufMetadata.h"

#include "test/compiler/Import/Readers/TestingGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>

using namespace gemma;
using namespace gemma::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {
/// Metadata and the bytes that they view.
class Metadata {
public:
  explicit Metadata(const std::vector<std::string> &pairs) {
    for (const std::string &pair : pairs) {
      bytes += pair;
    }
    GgufCursor cursor(bytes);
    Result<GgufMetadata> parsed =
        GgufMetadata::parse(cursor, pairs.size(), "f");
    EXPECT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(cursor.getRest(), 0u);
    metadata = std::move(*parsed);
  }
  Metadata(const Metadata &) = delete;

  std::string bytes;
  GgufMetadata metadata;
};
} // namespace

/// The error of a file that ends with these pairs, of which there are `count`.
static std::string errorOf(const std::string &bytes, uint64_t count = 1) {
  // A copy of exactly that size, for the sanitizer to guard its end.
  std::vector<char> copy(bytes.begin(), bytes.end());
  GgufCursor cursor({copy.data(), copy.size()});
  Result<GgufMetadata> parsed = GgufMetadata::parse(cursor, count, "f");
  if (parsed) {
    return "no error";
  }
  EXPECT_EQ(parsed.error().code, ErrorCode::InvalidData);
  EXPECT_THAT(parsed.error().message, HasSubstr(": expected "));
  return parsed.error().message;
}

/// Every type, with a name for what describe() says.
static std::vector<std::pair<std::string, std::string>> everyType() {
  return {
      {"u8 255", ggufPair("a", kU8, raw<uint8_t>(255))},
      {"i8 -128", ggufPair("b", kI8, raw<int8_t>(-128))},
      {"u16 65535", ggufPair("c", kU16, raw<uint16_t>(65535))},
      {"i16 -32768", ggufPair("d", kI16, raw<int16_t>(-32768))},
      {"u32 4294967295", ggufPair("e", kU32, raw<uint32_t>(-1))},
      {"i32 -7", ggufPair("f", kI32, raw<int32_t>(-7))},
      {"f32 0.500000", ggufF32("g", 0.5f)},
      {"bool true", ggufBool("h", true)},
      {"string 'x\\x00\\x0a'", ggufString("i", std::string("x\0\n", 3))},
      {"an array of 2 strings",
       ggufArray("j", kString, {ggufText(""), ggufText("ab")})},
      {"u64 18446744073709551615", ggufPair("k", kU64, raw(UINT64_MAX))},
      {"i64 -9223372036854775808", ggufPair("l", kI64, raw(INT64_MIN))},
      {"f64 0.250000", ggufPair("m", kF64, raw(0.25))},
      {"an array of 3 i16", ggufArray("n", kI16, {"ab", "cd", "ef"})},
      {"an array of 1 array",
       ggufArray("o", kArray, {raw<uint32_t>(kU8) + raw<uint64_t>(2) + "xy"})},
  };
}

TEST(GgufMetadataTest, ReadsEveryType) {
  std::vector<std::string> pairs;
  for (const auto &[text, pair] : everyType()) {
    pairs.push_back(pair);
  }
  Metadata file(pairs);
  char key = 'a';
  for (const auto &[text, pair] : everyType()) {
    const GgufValue *value = file.metadata.find(std::string(1, key++));
    ASSERT_TRUE(value);
    EXPECT_EQ(value->describe(), text);
  }
  EXPECT_EQ(file.metadata.find("z"), nullptr);
  EXPECT_THAT(stringsOf(*file.metadata.find("j")), ElementsAre("", "ab"));
  EXPECT_TRUE(file.metadata.hasPrefix("a"));
  EXPECT_FALSE(file.metadata.hasPrefix("aa"));
}

TEST(GgufMetadataTest, EveryTruncationIsAnError) {
  for (const auto &[text, pair] : everyType()) {
    for (size_t size = 0; size < pair.size(); ++size) {
      EXPECT_NE(errorOf(pair.substr(0, size)), "no error") << text << size;
    }
    EXPECT_EQ(errorOf(pair), "no error");
  }
}

TEST(GgufMetadataTest, ChecksPairs) {
  // The file ends behind the length of a key.
  EXPECT_EQ(errorOf(ggufString("k", "a long value") + raw<uint64_t>(1), 2),
            "f: metadata: key 1: expected its name, found the end of the file");
  struct Case {
    std::string bytes;
    const char *message;
  };
  auto array = [](uint32_t type, uint64_t count, const std::string &rest = "") {
    return ggufPair("k", kArray, raw(type) + raw(count) + rest);
  };
  std::string nested = raw<uint32_t>(kU8) + raw<uint64_t>(0);
  for (int i = 0; i < 3; ++i) {
    nested = raw<uint32_t>(kArray) + raw<uint64_t>(1) + nested;
  }
  EXPECT_EQ(errorOf(ggufPair("k", kArray, nested)), "no error");
  const Case kCases[] = {
      {ggufPair("", kU32, "abcd") + "ab", "key 0: expected 1 to 10 bytes"},
      {raw(UINT64_MAX) + std::string(9, 'x'), "key 0: expected 1 to 9 bytes"},
      {raw<uint64_t>(65536) + std::string(70000, 'x'), "1 to 65535 bytes"},
      {ggufPair("k", 13, "abcd"), "'k': type: expected a type from 0 to 12"},
      {ggufPair("k", UINT32_MAX, "abcd"), "found 4294967295"},
      {ggufPair("k", kBool, "\2"), "'k': expected a bool of 0 or 1, found 2"},
      {ggufPair("k", kString, raw(UINT64_MAX) + "abc"),
       "'k': expected a whole string"},
      {ggufPair("k", kString, raw<uint64_t>(4) + "abc"), "a whole string"},
      {array(13, 0), "type of items: expected a type from 0 to 12"},
      {array(kU32, UINT64_MAX, "abcd"), "at most 1 items, found 1844674407370"},
      {array(kString, 2, raw<uint64_t>(0)), "at most 1 items, found 2"},
      {array(kString, 1, raw<uint64_t>(1)), "'k': expected a whole string"},
      {array(kArray, 1ull << 62, std::string(24, '\0')),
       "at most 2 items, found 46116860184273"},
      {ggufPair("k", kArray, raw<uint32_t>(kArray) + raw<uint64_t>(1) + nested),
       "arrays nested at most 4 deep"},
      {ggufU32("k", 1) + ggufU32("k", 2), "'k': expected it once"},
      {ggufU32("a\nb", 1) + ggufU32("a\nb", 2), "'a\\x0ab': expected it once"},
  };
  for (const Case &each : kCases) {
    uint64_t count = each.bytes.find("once") == 0 ? 1 : 2;
    std::string once = errorOf(each.bytes, 1);
    std::string found = once == "no error" ? errorOf(each.bytes, count) : once;
    EXPECT_THAT(found, HasSubstr(each.message));
  }
  EXPECT_THAT(errorOf(std::string(17 << 20, '\0') + "", 1ull << 60),
              HasSubstr("metadata: expected at most 65536 pairs"));
  EXPECT_THAT(errorOf(array(kU8, (1 << 24) + 1, std::string(17 << 20, '\0'))),
              HasSubstr("at most 16777216 items"));
}

TEST(GgufMetadataTest, TypedValues) {
  Metadata file({ggufPair("u64", kU64, raw<uint64_t>(5)), ggufF32("f32", 2.5f),
                 ggufPair("f64", kF64, raw(0.5)), ggufBool("bool", true),
                 ggufString("text", "hello"),
                 ggufArray("bools", kBool, {"\1", std::string(1, '\0')}),
                 ggufArray("floats", kF32, {raw(1.5f), raw(-1.0f)}),
                 ggufArray("ints", kI32, {raw<int32_t>(-9)})});
  GgufFields fields(file.metadata, "f");
  EXPECT_EQ(fields.integer("u64", 0, 5), 5);
  EXPECT_EQ(fields.integer("none", 0, 5, -3), -3);
  EXPECT_EQ(fields.number("f32", 0, 9), 2.5);
  EXPECT_EQ(fields.number("f64", 0, 9), 0.5);
  EXPECT_EQ(fields.number("none", 0, 9, 7), 7);
  EXPECT_TRUE(fields.boolean("bool", false));
  EXPECT_TRUE(fields.boolean("none", true));
  EXPECT_EQ(fields.text("text"), "hello");
  EXPECT_EQ(fields.text("none"), std::nullopt);
  EXPECT_EQ(fields.array("none", GgufType::F32), nullptr);
  const GgufValue *bools = fields.array("bools", GgufType::Bool);
  EXPECT_TRUE(boolAt(*bools, 0));
  EXPECT_FALSE(boolAt(*bools, 1));
  EXPECT_EQ(floatAt(*fields.array("floats", GgufType::F32), 1), -1.0f);
  EXPECT_EQ(intAt(*fields.array("ints", GgufType::I32), 0), -9);
  EXPECT_FALSE(fields.error);
}

TEST(GgufMetadataTest, TypedValuesOfOtherTypes) {
  Metadata file({ggufPair("big", kU64, raw(UINT64_MAX)), ggufF32("f", 2.5f),
                 ggufF32("nan", std::nanf("")), ggufU32("u", 7),
                 ggufString("s", "x"), ggufArray("a", kU8, {"x"})});
  auto error = [&](auto read) {
    GgufFields fields(file.metadata, "f");
    read(fields);
    return fields.error ? fields.error->message : "no error";
  };
  EXPECT_EQ(error([](auto &f) { (void)f.integer("big", 0, 9); }),
            "f: big: expected an integer from 0 to 9, found u64 "
            "18446744073709551615");
  EXPECT_THAT(error([](auto &f) { (void)f.integer("f", 0, 9); }),
              HasSubstr("found f32 2.5"));
  EXPECT_THAT(error([](auto &f) { (void)f.integer("u", 8, 9); }),
              HasSubstr("from 8 to 9, found u32 7"));
  EXPECT_THAT(error([](auto &f) { (void)f.integer("none", 0, 9); }),
              HasSubstr("none: expected an integer from 0 to 9, found none"));
  EXPECT_THAT(error([](auto &f) { (void)f.number("u", 0, 9); }),
              HasSubstr("an f32 above 0 and at most 9, found u32 7"));
  EXPECT_THAT(error([](auto &f) { (void)f.number("nan", 0, 9); }),
              HasSubstr("found f32 nan"));
  EXPECT_THAT(error([](auto &f) { (void)f.number("f", 0, 2); }),
              HasSubstr("found f32 2.5"));
  EXPECT_THAT(error([](auto &f) { (void)f.number("none", 0, 2); }),
              HasSubstr("found none"));
  EXPECT_THAT(error([](auto &f) { (void)f.boolean("u", true); }),
              HasSubstr("expected a bool, found u32 7"));
  EXPECT_THAT(error([](auto &f) { (void)f.text("u"); }),
              HasSubstr("expected a string, found u32 7"));
  EXPECT_THAT(error([](auto &f) { (void)f.array("a", GgufType::String); }),
              HasSubstr("an array of strings, found an array of 1 u8"));
  EXPECT_THAT(error([](auto &f) { (void)f.array("s", GgufType::I32); }),
              HasSubstr("an array of i32, found string 'x'"));
  EXPECT_EQ(error([](auto &f) {
              f.fail("first", "a", "b");
              f.fail("second", "a", "b");
            }),
            "f: first: expected a, found b");
}
