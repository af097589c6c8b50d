//===- TraceTest.cpp - Forwards as a trace for Perfetto -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Trace.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

using namespace gemma;

TEST(TraceTest, ATrackPerThreadAndASlicePerDispatch) {
  ForwardTrace prefill;
  prefill.title = "prefill, 8 tokens";
  prefill.threads = 2;
  prefill.dispatches = {{"embed", "embed_0", {10, 20}},
                        {"lm_head", "lm_head_0", {30, 40}}};
  prefill.events = {{0, 0, 1000, 3000}, {0, 1, 1500, 2000}, {1, 1, 4000, 4500}};
  ForwardTrace decode = prefill;
  decode.title = "decode, 1 token";
  decode.events = {{1, 0, 0, 1000}};
  auto json = nlohmann::json::parse(traceJson({prefill, decode}));
  std::vector<nlohmann::json> slices;
  std::map<std::string, int> names;
  for (const auto &event : json["traceEvents"]) {
    if (event["ph"] == "X") {
      slices.push_back(event);
    } else {
      EXPECT_EQ(event["ph"], "M");
      ++names[event["args"]["name"].get<std::string>()];
    }
  }
  EXPECT_EQ(names, (std::map<std::string, int>{{"prefill, 8 tokens", 1},
                                               {"decode, 1 token", 1},
                                               {"thread 0", 2},
                                               {"thread 1", 2}}));
  ASSERT_EQ(slices.size(), 4u);
  EXPECT_EQ(slices[1]["name"], "embed");
  EXPECT_EQ(slices[1]["pid"], 1);
  EXPECT_EQ(slices[1]["tid"], 1);
  EXPECT_EQ(slices[1]["ts"], 1.5);
  EXPECT_EQ(slices[1]["dur"], 0.5);
  EXPECT_EQ(slices[1]["args"]["operations"], 20);
  // The second forward comes after the first.
  EXPECT_EQ(slices[3]["pid"], 2);
  EXPECT_GT(slices[3]["ts"], 4.5);
}
