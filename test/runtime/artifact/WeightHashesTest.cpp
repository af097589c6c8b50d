//===- WeightHashesTest.cpp - The bytes of the weights --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/WeightHashes.h"

#include "../TestingArtifact.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

static Result<void> check(const std::string &bytes, uint32_t threads,
                          const CancelFlag *cancel = nullptr) {
  TemporaryFile file(bytes);
  Result<Artifact> artifact = Artifact::open(file.path());
  EXPECT_TRUE(artifact) << artifact.error().message;
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(threads));
  Progress progress("", weightBytes(*artifact), false);
  return checkWeightBytes(*artifact, *pool, progress, cancel);
}

TEST(WeightHashesTest, AcceptsGoodBytes) {
  for (TestArtifact artifact :
       {TestArtifact::make(), TestArtifact::makeStub()}) {
    artifact.layOut();
    EXPECT_TRUE(check(artifact.bytes(), 1));
    EXPECT_TRUE(check(artifact.bytes(), 3));
  }
}

TEST(WeightHashesTest, CountsTheBytes) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  EXPECT_EQ(weightBytes(*Artifact::open(file.path())), 5632u);
}

TEST(WeightHashesTest, NamesTheDamagedWeight) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  std::string bytes = artifact.bytes();
  bytes.back() ^= 1;
  Result<void> result = check(bytes, 2);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(result.error().message.find("weight \"lm_head\": expected SHA-256"),
            0u);
}

TEST(WeightHashesTest, NamesTheFirstOfSeveral) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  std::string bytes = artifact.bytes();
  bytes.back() ^= 1;
  bytes[artifact.manifest.weights_segment->offset] ^= 1;
  Result<void> result = check(bytes, 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message.find("weight \"embed_tokens\""), 0u);
}

TEST(WeightHashesTest, RefusesPaddingThatIsNotZero) {
  TestArtifact artifact = TestArtifact::make();
  // The embedding becomes a vector of 636 floats, 16 bytes short of a
  // multiple of 64.
  artifact.manifest.weights[0]->shape = {636};
  artifact.manifest.weights[0]->size = 636 * 4;
  artifact.weights.replace(636 * 4, 16, 16, '\0');
  artifact.layOut();
  std::string bytes = artifact.bytes();
  EXPECT_TRUE(check(bytes, 1));
  bytes[artifact.manifest.weights_segment->offset + 636 * 4 + 15] = 1;
  Result<void> result = check(bytes, 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message.find(
                "padding after weight \"embed_tokens\": expected zeros"),
            0u);
}

TEST(WeightHashesTest, ChecksTheDataOfAStub) {
  TestArtifact artifact = TestArtifact::makeStub();
  artifact.layOut();
  std::string bytes = artifact.bytes();
  bytes.back() ^= 1;
  Result<void> result = check(bytes, 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message.find("segment stub_data"), 0u);
}

TEST(WeightHashesTest, CanBeCancelled) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  CancelFlag cancel;
  cancel.request();
  Result<void> result = check(artifact.bytes(), 2, &cancel);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Interrupted);
}
