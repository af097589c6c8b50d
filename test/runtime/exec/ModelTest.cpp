//===- ModelTest.cpp - Opening models -------------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../TestingArtifact.h"
#include "runtime/artifact/Format.h"
#include "runtime/exec/LoadedModel.h"
#include "runtime/gemma.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;
using gemma::artifact::ManifestT;

static Error errorOf(const std::string &bytes,
                     const ModelOptions &options = {}) {
  TemporaryFile file(bytes);
  Result<Model> model = Model::open(file.path(), options);
  EXPECT_FALSE(model);
  if (model) {
    return internalError("accepted");
  }
  EXPECT_EQ(model.error().message.find('\n'), std::string::npos);
  EXPECT_NE(model.error().message.find(file.path()), std::string::npos)
      << model.error().message;
  return model.error();
}

TEST(ModelTest, TellsWhatItIs) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  Result<Model> model = Model::open(file.path());
  ASSERT_TRUE(model) << model.error().message;
  const ModelInfo &info = model->info();
  EXPECT_EQ(info.family, "gemma");
  EXPECT_EQ(info.vocab, kVocab);
  EXPECT_EQ(info.context, kContext);
  EXPECT_EQ(info.maxRows, kMaxRows);
  EXPECT_EQ(info.bosToken, 2);
  EXPECT_EQ(info.eosTokens, (std::vector<int32_t>{1, 3}));
  EXPECT_TRUE(info.addBos);
  EXPECT_EQ(info.chatFormat, "gemma");
  EXPECT_EQ(model->tokenizer(), "not a tokenizer, but bytes");
}

TEST(ModelTest, PlansMemoryWithoutASession) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  Result<Model> model = Model::open(file.path());
  SessionOptions options;
  options.slots = 4;
  Result<MemoryPlan> plan = model->memoryPlan(options);
  ASSERT_TRUE(plan);
  Result<Session> session = Session::create(*model, options);
  ASSERT_TRUE(session);
  EXPECT_EQ(plan->total(), session->memoryPlan().total());
  options.context = 1000;
  EXPECT_EQ(model->memoryPlan(options).error().code, ErrorCode::InvalidUsage);
}

TEST(ModelTest, MissingFile) {
  EXPECT_EQ(Model::open("/nonexistent").error().code, ErrorCode::NotFound);
}

TEST(ModelTest, OtherMachinesAreAResource) {
  auto code = [](auto edit) {
    return errorOf(TestArtifact::make().bytesAfter(edit)).code;
  };
  EXPECT_EQ(code([](ManifestT &m) { m.target->device = "cuda"; }),
            ErrorCode::Resource);
  EXPECT_EQ(code([](ManifestT &m) { m.target->triple = "s390x-ibm-linux"; }),
            ErrorCode::Resource);
  EXPECT_EQ(code([](ManifestT &m) { m.target->features = {"antigravity"}; }),
            ErrorCode::Resource);
}

TEST(ModelTest, WrongCodeIsRefusedAtEveryOpening) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  std::string bytes = artifact.bytes();
  bytes[artifact.manifest.code->offset + 4096] ^= 1;
  Error error = errorOf(bytes);
  EXPECT_EQ(error.code, ErrorCode::InvalidData);
  EXPECT_EQ(error.message.find("segment code: expected SHA-256"), 0u);
}

TEST(ModelTest, AKernelThatIsNotThere) {
  Error error = errorOf(TestArtifact::make().bytesAfter(
      [](ManifestT &m) { m.kernels[2]->symbol = "attention2"; }));
  EXPECT_EQ(error.code, ErrorCode::InvalidData);
  EXPECT_NE(error.message.find("the kernel \"attention2\", found none"),
            std::string::npos);
}

TEST(ModelTest, WeightsAreVerifiedOnRequest) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  std::string bytes = artifact.bytes();
  bytes.back() ^= 1;
  TemporaryFile file(bytes);
  EXPECT_TRUE(Model::open(file.path()));
  ModelOptions options;
  options.verifyWeights = true;
  EXPECT_EQ(errorOf(bytes, options).code, ErrorCode::InvalidData);
}

TEST(ModelTest, DataOfAStubIsVerifiedAlways) {
  TestArtifact artifact = TestArtifact::makeStub();
  artifact.layOut();
  std::string bytes = artifact.bytes();
  bytes.back() ^= 1;
  EXPECT_EQ(errorOf(bytes).code, ErrorCode::InvalidData);
}

TEST(ModelTest, OpeningCanBeCancelled) {
  TestArtifact artifact = TestArtifact::makeStub();
  artifact.layOut();
  TemporaryFile file(artifact.bytes());
  CancelFlag cancel;
  cancel.request();
  ModelOptions options;
  options.cancel = &cancel;
  EXPECT_EQ(Model::open(file.path(), options).error().code,
            ErrorCode::Interrupted);
}

// The weights are the same whether they are mapped or copied, in a stub too.
TEST(ModelTest, HugePagesChangeNoByte) {
  for (bool isStub : {false, true}) {
    TestArtifact artifact =
        isStub ? TestArtifact::makeStub() : TestArtifact::make();
    artifact.layOut();
    TemporaryFile file(artifact.bytes());
    ModelOptions options;
    Result<Model> mapped = Model::open(file.path(), options);
    options.hugePages = true;
    Result<Model> copied = Model::open(file.path(), options);
    ASSERT_TRUE(mapped && copied);
    auto weights = ModelAccess::of(*mapped).mappedWeights();
    auto copies = ModelAccess::of(*copied).mappedWeights();
    ASSERT_EQ(weights.size(), copies.size());
    ASSERT_GT(weights.size(), 0u);
    EXPECT_NE(weights.data(), copies.data());
    EXPECT_TRUE(std::equal(weights.begin(), weights.end(), copies.begin()));
  }
}

TEST(ModelTest, OutlivesTheFile) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  auto file = std::make_unique<TemporaryFile>(artifact.bytes());
  Result<Model> model = Model::open(file->path());
  file.reset();
  Result<Session> session = Session::create(*model);
  ASSERT_TRUE(session);
  std::vector<int32_t> tokens = {2, 5};
  EXPECT_TRUE(session->forward({{0, 0, tokens}}, {1}));
}
