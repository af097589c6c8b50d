//===- MemoryPlanTest.cpp - What a session needs --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/MemoryPlan.h"

#include "../TestingArtifact.h"
#include "runtime/artifact/Reader.h"
#include "runtime/core/Threads.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

static Artifact opened(TestArtifact artifact) {
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  return std::move(*Artifact::open(file.path()));
}

TEST(MemoryPlanTest, ZeroStandsForDefaults) {
  Artifact artifact = opened(TestArtifact::make());
  Result<SessionOptions> options =
      resolveOptions(artifact.manifest(), SessionOptions());
  ASSERT_TRUE(options);
  EXPECT_EQ(options->context, kContext);
  EXPECT_EQ(options->slots, 1u);
  EXPECT_EQ(options->outRows, 1u);
  EXPECT_EQ(options->threads, availableCpus());
  SessionOptions many;
  many.slots = 100;
  EXPECT_EQ(resolveOptions(artifact.manifest(), many)->outRows, kMaxRows);
}

TEST(MemoryPlanTest, RefusesOptionsOutOfRange) {
  Artifact artifact = opened(TestArtifact::make());
  auto refused = [&](auto edit, const char *what) {
    SessionOptions options;
    edit(options);
    Result<SessionOptions> result =
        resolveOptions(artifact.manifest(), options);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::InvalidUsage);
    EXPECT_EQ(result.error().message.find(what), 0u) << result.error().message;
  };
  refused([](SessionOptions &o) { o.context = kContext + 1; },
          "context: expected 1 to 128, found 129");
  refused([](SessionOptions &o) { o.slots = 0; }, "slots: expected 1 to");
  refused([](SessionOptions &o) { o.slots = 1 << 17; }, "slots: expected 1 to");
  refused([](SessionOptions &o) { o.outRows = kMaxRows + 1; },
          "rows of logits: expected 1 to 8, found 9");
  refused([](SessionOptions &o) { o.threads = 5000; },
          "threads: expected 1 to 1024, found 5000");
}

TEST(MemoryPlanTest, CountsEveryByte) {
  Artifact artifact = opened(TestArtifact::make());
  SessionOptions options;
  options.slots = 3;
  options.context = 33;
  options.outRows = 5;
  options = *resolveOptions(artifact.manifest(), options);
  MemoryPlan plan = *planMemory(artifact.manifest(), options);
  EXPECT_EQ(plan.weights, 5632u);
  EXPECT_EQ(plan.arena, 1024u);
  EXPECT_EQ(plan.kvCache, 2u * 3 * 64 * kHidden * 4);
  EXPECT_EQ(plan.logits, 5u * kVocab * 4);
  EXPECT_EQ(plan.inputs, 4u * 64);
  EXPECT_EQ(plan.total(), plan.weights + plan.session());
}

TEST(MemoryPlanTest, AStubNeedsItsFilledWeights) {
  Artifact artifact = opened(TestArtifact::makeStub());
  EXPECT_EQ(filledBytes(artifact.manifest()), 2560u);
  SessionOptions options =
      *resolveOptions(artifact.manifest(), SessionOptions());
  EXPECT_EQ(planMemory(artifact.manifest(), options)->weights, 5632u);
}
