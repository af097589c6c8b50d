//===- BenchTest.cpp - Times prefill and decode of a model ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Bench.h"

#include "../TestingArtifact.h"

#include <gtest/gtest.h>
#include <set>

using namespace gemma;
using namespace gemma::testing;

// Nothing here looks at how long anything took: only at what was run.

static Model openModel(bool stub = false, uint32_t window = 0) {
  TestArtifact artifact =
      stub ? TestArtifact::makeStub() : TestArtifact::make(window);
  uint64_t bytes = 1000;
  for (auto &dispatch : artifact.manifest.forward) {
    dispatch->fixed_bytes = bytes;
    dispatch->row_bytes = 10;
    dispatch->row_operations = 100;
    dispatch->key_bytes = 3;
    bytes += 1000;
  }
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  Result<Model> model = Model::open(file.path());
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

static BenchOptions small() {
  BenchOptions options;
  options.prompt = 20;
  options.generate = 5;
  options.repetitions = 2;
  options.session.threads = 2;
  options.session.profile = true;
  return options;
}

static Error errorOf(const BenchOptions &options) {
  Result<BenchReport> report = runBench(openModel(), options);
  EXPECT_FALSE(report);
  return report ? internalError("accepted") : report.error();
}

// What the program measured of itself is what the plan of the test says.
static void expectConsistent(const BenchReport &report) {
  for (const BenchResult &result : report.results) {
    double bytes = 0, operations = 0;
    for (const OpProfile &op : result.profile) {
      bytes += op.bytes;
      operations += op.operations;
    }
    EXPECT_EQ(bytes, static_cast<double>(result.bytes)) << result.name;
    EXPECT_EQ(operations, static_cast<double>(result.operations));
    EXPECT_GT(result.tokensPerSecond.min, 0);
    EXPECT_GT(result.share.median, 0);
    EXPECT_LT(result.limit, report.limits.size());
  }
}

TEST(BenchTest, RunsWhatItSays) {
  BenchOptions options = small();
  options.rows = {1, 4, 8};
  options.depth = 11;
  Result<BenchReport> report = runBench(openModel(), options);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->results.size(), 5u);
  EXPECT_EQ(report->results[0].name, "pp20@d11");
  EXPECT_EQ(report->results[1].name, "tg5@d11");
  EXPECT_EQ(report->results[3].name, "rows4@d11");
  EXPECT_TRUE(report->results[3].againstOneRow.has_value());
  expectConsistent(*report);
  EXPECT_EQ(report->threads, 2u);
  EXPECT_EQ(report->context, uint32_t(kContext));
  EXPECT_TRUE(report->trace.empty());
}

TEST(BenchTest, AStubRunsToo) {
  Result<BenchReport> report = runBench(openModel(/*stub=*/true), small());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->stub);
  expectConsistent(*report);
}

// A layer with a window forgets the depth during a long run: it is filled
// again.
TEST(BenchTest, ReturnsToTheDepthDespiteWindows) {
  BenchOptions options = small();
  options.depth = 20;
  options.prompt = 40;
  Result<BenchReport> report =
      runBench(openModel(false, /*window=*/4), options);
  ASSERT_TRUE(report) << report.error().message;
  expectConsistent(*report);
}

TEST(BenchTest, OneTestAlone) {
  BenchOptions options = small();
  options.prompt = 0;
  Result<BenchReport> report = runBench(openModel(), options);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->results.size(), 1u);
  EXPECT_EQ(report->results[0].name, "tg5");
}

TEST(BenchTest, RecordsOnePrefillChunkAndOneToken) {
  BenchOptions options = small();
  options.trace = true;
  options.session.pin = true;
  Result<BenchReport> report = runBench(openModel(), options);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->trace.size(), 2u);
  EXPECT_EQ(report->trace[0].title, "prefill, 8 tokens");
  EXPECT_EQ(report->trace[1].title, "decode, 1 token");
  for (const ForwardTrace &trace : report->trace) {
    std::set<uint32_t> seen;
    for (const DispatchEvent &event : trace.events) {
      EXPECT_LT(event.thread, 2u);
      EXPECT_LE(event.begin, event.end);
      seen.insert(event.dispatch);
    }
    EXPECT_EQ(seen.size(), trace.dispatches.size());
  }
}

TEST(BenchTest, RefusesWhatCannotBeRun) {
  BenchOptions options = small();
  options.prompt = options.generate = 0;
  EXPECT_EQ(errorOf(options).code, ErrorCode::InvalidUsage);
  options = small();
  options.rows = {kMaxRows + 1};
  EXPECT_EQ(errorOf(options).message, "rows: expected 1 to 8, found 9");
  options = small();
  options.depth = 120;
  EXPECT_EQ(errorOf(options).message,
            "context: expected room for 140 tokens (a depth of 120 and 20 "
            "more), found 128");
  options = small();
  options.depth = UINT32_MAX;
  EXPECT_EQ(errorOf(options).code, ErrorCode::InvalidUsage);
  options = small();
  options.session.context = 10;
  EXPECT_EQ(errorOf(options).code, ErrorCode::InvalidUsage);
  options = small();
  options.repetitions = 0;
  EXPECT_EQ(errorOf(options).code, ErrorCode::InvalidUsage);
}

TEST(BenchTest, IsInterrupted) {
  CancelFlag cancel;
  cancel.request();
  BenchOptions options = small();
  options.session.cancel = &cancel;
  EXPECT_EQ(errorOf(options).code, ErrorCode::Interrupted);
}
