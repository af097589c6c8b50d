//===- VerifyTest.cpp - A manifest that holds together --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Verify.h"

#include "../TestingArtifact.h"
#include "runtime/artifact/Format.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

static Result<void> verify(const std::string &file, uint64_t fileBytes) {
  const artifact::Manifest *manifest =
      artifact::GetManifest(file.data() + kHeaderBytes);
  return verifyManifest({*manifest, kHeaderBytes + kManifestSpace, fileBytes});
}

TEST(VerifyTest, AcceptsGoodOnes) {
  for (TestArtifact artifact : {TestArtifact::make(), TestArtifact::make(8),
                                TestArtifact::makeStub()}) {
    artifact.layOut();
    std::string file = artifact.bytes();
    Result<void> result = verify(file, file.size());
    EXPECT_TRUE(result) << result.error().message;
  }
}

TEST(VerifyTest, AcceptsWithoutTokenizerAndProperties) {
  TestArtifact artifact = TestArtifact::make();
  artifact.tokenizer.clear();
  artifact.manifest.properties.clear();
  artifact.manifest.model->chat_format.clear();
  artifact.layOut();
  artifact.manifest.tokenizer = nullptr;
  std::string file = artifact.bytes();
  Result<void> result = verify(file, file.size());
  EXPECT_TRUE(result) << result.error().message;
}

TEST(VerifyTest, RefusesAnotherFileSize) {
  TestArtifact artifact = TestArtifact::make();
  artifact.layOut();
  std::string file = artifact.bytes();
  EXPECT_FALSE(verify(file, file.size() - 1));
  EXPECT_FALSE(verify(file, file.size() + 1));
}

// Every table, vector and string of a FlatBuffer may be absent.
TEST(VerifyTest, RefusesAnEmptyManifest) {
  flatbuffers::FlatBufferBuilder builder;
  artifact::FinishManifestBuffer(builder, artifact::CreateManifest(builder));
  const artifact::Manifest *manifest =
      artifact::GetManifest(builder.GetBufferPointer());
  Result<void> result = verifyManifest({*manifest, 4096, 4096});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "manifest: expected a model, found none");
}
