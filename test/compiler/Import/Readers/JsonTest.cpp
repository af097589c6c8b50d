//===- JsonTest.cpp - Tests of Json.cpp -----------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Json.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using ::testing::HasSubstr;
using ::testing::StartsWith;

static std::string errorOf(std::string_view text, JsonLimits limits = {}) {
  Result<nlohmann::json> value = parseJson(text, "f.json", limits);
  if (value) {
    return "no error";
  }
  EXPECT_EQ(value.error().code, ErrorCode::InvalidData);
  EXPECT_THAT(value.error().message, StartsWith("f.json: "));
  return value.error().message;
}

TEST(JsonTest, BuildsDocuments) {
  Result<nlohmann::json> value = parseJson(
      R"({"a": [1, -2, 3.5, true, null, "x"], "b": {"c": {}}, "d": []})", "f");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(value->dump(),
            R"({"a":[1,-2,3.5,true,null,"x"],"b":{"c":{}},"d":[]})");
}

TEST(JsonTest, RefusesAKeyTwice) {
  EXPECT_EQ(errorOf(R"({"a": 1, "a": 2})"),
            "f.json: 'a': expected each key of an object once, found it twice");
  EXPECT_THAT(errorOf(R"({"b": [{"a": 1, "\u0061": 2}]})"), HasSubstr("'a'"));
}

TEST(JsonTest, RefusesBrokenText) {
  for (const char *text :
       {"", " ", "{", "[1,]", "{\"a\":}", "nul", "'a'", "{}{}", "[1] x",
        "\"\xff\"", "\"\\ud800\"", "\"a\nb\"", "[01]", "// c\n1"}) {
    EXPECT_THAT(errorOf(text), HasSubstr("expected JSON")) << text;
  }
}

TEST(JsonTest, NanAndHugeNumbersAreNoJson) {
  EXPECT_THAT(errorOf(R"({"eps": NaN})"), HasSubstr("after the key 'eps'"));
  EXPECT_THAT(errorOf(R"({"eps": 1e999})"), HasSubstr("after the key 'eps'"));
  EXPECT_THAT(errorOf(R"({"eps": -Infinity})"), HasSubstr("expected JSON"));
}

TEST(JsonTest, LimitsDepthBeforeParsing) {
  EXPECT_TRUE(parseJson(std::string(64, '[') + std::string(64, ']'), "f"));
  EXPECT_THAT(errorOf(std::string(65, '[') + std::string(65, ']')),
              HasSubstr("nested at most 64 levels"));
  EXPECT_THAT(errorOf(std::string(1000000, '[')), HasSubstr("levels"));
  std::string objects;
  for (int i = 0; i < 100000; ++i) {
    objects += "{\"a\":";
  }
  EXPECT_THAT(errorOf(objects), HasSubstr("levels"));
  // Brackets in strings do not nest.
  EXPECT_TRUE(parseJson("\"" + std::string(1000, '[') + "\\\"[\"", "f"));
}

TEST(JsonTest, LimitsTokensAndValues) {
  JsonLimits limits;
  limits.token = 10;
  limits.values = 3;
  EXPECT_TRUE(parseJson("\"12345678\"", "f", limits));
  EXPECT_THAT(errorOf("\"12345678901\"", limits), HasSubstr("at most 10"));
  EXPECT_THAT(errorOf("12345678901", limits), HasSubstr("at most 10"));
  EXPECT_TRUE(parseJson("[1, 2]", "f", limits));
  EXPECT_THAT(errorOf("[1, 2, 3]", limits), HasSubstr("too many"));
}

TEST(JsonTest, NamesLfsPointers) {
  EXPECT_THAT(errorOf("version https://git-lfs.github.com/spec/v1"),
              HasSubstr("git-lfs"));
}

TEST(JsonTest, NeverCrashesOnDamage) {
  const std::string good =
      R"({"a":[1,-2.5e3,"\u00e9\n"],"b":{"c":null,"d":[[],{}]},"e":true})";
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parseJson(good.substr(0, size), "f"));
  }
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    (void)!parseJson(bad, "f"); // some are still JSON
  }
}

TEST(DescribeJsonTest, IsShort) {
  EXPECT_EQ(describeJson(nullptr), "null");
  EXPECT_EQ(describeJson("a"), "'a'");
  EXPECT_EQ(describeJson({1, 2}), "a list of 2");
  EXPECT_EQ(describeJson({{"a", 1}}), "an object");
  EXPECT_EQ(describeJson(-3), "-3");
  EXPECT_EQ(describeJson(false), "false");
}
