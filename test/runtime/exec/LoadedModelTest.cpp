//===- LoadedModelTest.cpp - An artifact ready to run ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/LoadedModel.h"

#include "../TestingArtifact.h"
#include "runtime/core/RandomWeights.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

static std::shared_ptr<const LoadedModel> load(TestArtifact artifact) {
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  auto model = LoadedModel::open(file.path(), {});
  EXPECT_TRUE(model) << model.error().message;
  return *model;
}

TEST(LoadedModelTest, MapsWeightsWhereTheyLie) {
  auto model = load(TestArtifact::make());
  ASSERT_EQ(model->weights().size(), 2u);
  EXPECT_EQ(model->kernels().size(), 4u);
  for (const unsigned char *weight : model->weights()) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(weight) % 64, 0u);
  }
  TestArtifact artifact = TestArtifact::make();
  EXPECT_EQ(
      std::memcmp(model->weights()[1], artifact.weights.data() + 2560, 3072),
      0);
}

TEST(LoadedModelTest, FillsAStub) {
  auto model = load(TestArtifact::makeStub());
  float block[kRandomBlock];
  RandomWeights(7, "embed_tokens", 0.5).block(3, 0, block);
  EXPECT_EQ(
      std::memcmp(model->weights()[0] + 3 * kHidden * 4, block, sizeof block),
      0);
  // The head has no fill: it is the stub's data.
  TestArtifact artifact = TestArtifact::make();
  EXPECT_EQ(
      std::memcmp(model->weights()[1], artifact.weights.data() + 2560, 3072),
      0);
}
