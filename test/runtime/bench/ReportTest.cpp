//===- ReportTest.cpp - What gemma-bench prints ---------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace gemma;
using ::testing::HasSubstr;
using ::testing::Not;

static BenchReport example() {
  BenchReport report;
  report.model = "dir/model.gemma";
  report.weights = "q4_0";
  report.parameters = 2506172416;
  report.threads = 2;
  report.repetitions = 3;
  report.limits = {{"read_bandwidth", "bytes/s", {30e9, 28e9, 31e9}, "loop 1"},
                   {"vpdpbusd zmm", "operations/s", {923e9, 9e11, 93e10}, ""}};
  BenchResult prefill;
  prefill.name = "pp512";
  prefill.tokens = 512;
  prefill.bytes = 10;
  prefill.operations = 20;
  prefill.tokensPerSecond = {150.5, 140, 151};
  prefill.share = {0.71, 0.7, 0.72};
  prefill.limit = 1;
  prefill.limitValue = 920e9;
  BenchResult rows = prefill;
  rows.name = "rows4";
  rows.limit = 0;
  rows.limitValue = 30e9;
  rows.againstOneRow = Spread{1.5, 1.4, 1.6};
  rows.profile = {{"lm_head", 16, 0.5, 2e9, 4e9, 0.25}};
  report.results = {prefill, rows};
  return report;
}

TEST(ReportTest, Json) {
  std::string text = example().json();
  EXPECT_EQ(text.find('\n'), std::string::npos);
  auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["model"], "dir/model.gemma");
  EXPECT_EQ(json["threads"], 2);
  ASSERT_EQ(json["results"].size(), 2u);
  auto prefill = json["results"][0];
  EXPECT_EQ(prefill["name"], "pp512");
  EXPECT_EQ(
      prefill["tokens_per_second"],
      nlohmann::json({{"median", 150.5}, {"min", 140.0}, {"max", 151.0}}));
  EXPECT_EQ(prefill["limit"], nlohmann::json({{"kind", "vpdpbusd zmm"},
                                              {"value", 920e9},
                                              {"unit", "operations/s"}}));
  EXPECT_EQ(prefill["bytes"], 10);
  EXPECT_EQ(prefill["operations"], 20);
  EXPECT_EQ(prefill["share"], 0.71);
  EXPECT_FALSE(prefill.contains("against_one_row"));
  EXPECT_FALSE(prefill.contains("profile"));
  auto rows = json["results"][1];
  EXPECT_EQ(rows["limit"]["unit"], "bytes/s");
  EXPECT_EQ(rows["against_one_row"]["median"], 1.5);
  EXPECT_EQ(rows["profile"][0]["op"], "lm_head");
  EXPECT_EQ(rows["profile"][0]["share"], 0.5);
  EXPECT_EQ(json["limits"][0]["value"]["min"], 28e9);
}

TEST(ReportTest, AnyPathIsJson) {
  BenchReport report = example();
  report.model = "\xff\"\n";
  EXPECT_EQ(nlohmann::json::parse(report.json())["threads"], 2);
}

TEST(ReportTest, Table) {
  std::string table = example().table();
  EXPECT_THAT(table, HasSubstr("q4_0 weights, 2.51 G parameters"));
  EXPECT_THAT(table, HasSubstr("threads 2, repetitions 3"));
  EXPECT_THAT(table, ::testing::ContainsRegex("pp512 +150.5 +.140.0 - 151.0. "
                                              "+vpdpbusd zmm 920.0 GOP/s +0.71 "
                                              "+.0.70 - 0.72.\n"));
  EXPECT_THAT(table, HasSubstr("1.50 x one row [1.40 - 1.60]"));
  EXPECT_THAT(table, HasSubstr("rows4, 512 tokens, per repetition"));
  EXPECT_THAT(table, ::testing::ContainsRegex(
                         "lm_head +16 +500.000 +100.0 +2.000 +4.000 +4.00 +8.0 "
                         "+0.50\n"));
  EXPECT_THAT(table, Not(HasSubstr("pp512, 512 tokens")));
}
