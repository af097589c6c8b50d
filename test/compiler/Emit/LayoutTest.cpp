//===- LayoutTest.cpp - Places of segments and weights --------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Layout.h"
#include "test/compiler/Emit/TestingProgram.h"
#include "test/compiler/TestingModule.h"

#include "runtime/artifact/Verify.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::testing;

namespace {

class LayoutTest : public ::testing::Test {
protected:
  Program build(bool stub) {
    module = parse(*context, getProgram(stub));
    return std::move(*buildProgram(*module));
  }

  /// What the runtime says of it.
  static std::string verify(const Program &program, const Layout &layout) {
    std::string bytes = serialize(program.manifest);
    auto result = ::gemma::verifyManifest(
        {*::gemma::artifact::GetManifest(bytes.data()),
         ::gemma::kHeaderBytes + layout.manifestBytes, layout.fileBytes});
    return result ? "" : result.error().message;
  }

  std::unique_ptr<MLIRContext> context = makeContext();
  OwningOpRef<ModuleOp> module;
};

TEST_F(LayoutTest, SegmentsFollowEachOther) {
  for (uint64_t tokenizer : {0, 1, 1000}) {
    Program program = build(false);
    Layout layout = planLayout(program, 5000, tokenizer);
    EXPECT_EQ(verify(program, layout), "");
    EXPECT_EQ(layout.storedWeights, (std::vector<size_t>{0, 1, 2}));
    EXPECT_EQ(program.manifest.code->offset, 4096u);
    EXPECT_EQ(program.manifest.tokenizer != nullptr, tokenizer != 0);
    EXPECT_EQ(layout.weightsOffset, program.manifest.weights_segment->offset);
    EXPECT_EQ(program.manifest.weights[1]->offset % 64, 0u);
  }
}

TEST_F(LayoutTest, StubKeepsOnlyWhatCannotBeDrawn) {
  Program program = build(true);
  Layout layout = planLayout(program, 5000, 0);
  EXPECT_EQ(verify(program, layout), "");
  EXPECT_EQ(layout.storedWeights, std::vector<size_t>{2});
  EXPECT_EQ(program.manifest.weights[0]->fill->seed, 5u);
  EXPECT_EQ(program.manifest.weights[0]->fill->bound, 0.5);
  EXPECT_EQ(program.manifest.weights[2]->fill, nullptr);
  EXPECT_EQ(program.manifest.weights[2]->offset, 0u);
  EXPECT_EQ(program.manifest.weights_segment, nullptr);
  EXPECT_EQ(program.manifest.stub_data->size, 257u * 2 * 8 * 4);
}

TEST_F(LayoutTest, SizeOfTheManifestDependsOnNoHash) {
  Program program = build(false);
  Layout layout = planLayout(program, 5000, 10);
  program.manifest.code->sha256.assign(32, 0xff);
  for (auto &weight : program.manifest.weights) {
    weight->sha256.assign(32, 0xee);
  }
  EXPECT_EQ(serialize(program.manifest).size(), layout.manifestBytes);
}

} // namespace
