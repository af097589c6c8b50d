//===- JsonFieldsTest.cpp - Tests of JsonFields.cpp -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/JsonFields.h"

#include "gtest/gtest.h"

using namespace gemma;
using nlohmann::json;

TEST(JsonFieldsTest, ReadsWithinRange) {
  json object = {{"i", 7}, {"n", 0.5}, {"w", 1}, {"b", true}, {"z", nullptr}};
  JsonFields fields(object, "f");
  EXPECT_EQ(fields.integer("i", 1, 7), 7);
  EXPECT_EQ(fields.integer("absent", 1, 7, 3), 3);
  EXPECT_EQ(fields.integer("z", 1, 7, 3), 3);
  EXPECT_EQ(fields.number("n", 0, 1, 9), 0.5);
  EXPECT_EQ(fields.number("w", 0, 1, 9), 1.0);
  EXPECT_TRUE(fields.boolean("b", false));
  EXPECT_TRUE(fields.boolean("z", true));
  EXPECT_EQ(fields.find("z"), nullptr);
  EXPECT_FALSE(fields.error);
}

TEST(JsonFieldsTest, KeepsTheFirstError) {
  json object = {{"a", "x"}, {"b", 1.5}};
  JsonFields fields(object, "f");
  EXPECT_EQ(fields.integer("a", 1, 9), 1);
  EXPECT_EQ(fields.integer("b", 1, 9), 1);
  ASSERT_TRUE(fields.error);
  EXPECT_EQ(fields.error->message,
            "f: a: expected an integer from 1 to 9, found 'x'");
}

TEST(JsonFieldsTest, RefusesWhatIsOutOfRangeOrOfAnotherType) {
  const json kBad[] = {0,    10,  -1,      INT64_MIN,     UINT64_MAX,    2.0,
                       true, "3", nullptr, json::array(), json::object()};
  for (const json &value : kBad) {
    json object = {{"a", value}};
    JsonFields fields(object, "f");
    fields.integer("a", 1, 9);
    EXPECT_TRUE(fields.error) << value;
  }
  for (const json &value :
       {json(0), json(-1), json(1.5), json("1"), json(false)}) {
    json object = {{"a", value}};
    JsonFields fields(object, "f");
    EXPECT_EQ(fields.number("a", 0, 1, 0.25), 0.25);
    EXPECT_TRUE(fields.error) << value;
  }
  json object = {{"a", 1}};
  JsonFields fields(object, "f");
  EXPECT_FALSE(fields.boolean("a", false));
  EXPECT_TRUE(fields.error);
}

TEST(ParseJsonObjectTest, WantsAnObject) {
  EXPECT_TRUE(parseJsonObject("{}", "f"));
  EXPECT_EQ(parseJsonObject("[1]", "f").error().message,
            "f: expected a JSON object, found a list of 1");
}
