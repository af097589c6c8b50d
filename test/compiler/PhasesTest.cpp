//===- PhasesTest.cpp - The phases and their order ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Phases.h"
#include "compiler/RegisterAll.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::gemma;

namespace {

TEST(PhasesTest, OrderAndWords) {
  std::string words;
  for (Phase phase : getPhases()) {
    words += getWord(phase).str() + std::to_string(getNumber(phase)) + " ";
    EXPECT_EQ(parsePhase(getWord(phase)), phase);
    EXPECT_FALSE(getDescription(phase).empty());
  }
  EXPECT_EQ(words, "import1 fuse2 pack3 bufferize4 dispatch5 codegen6 llvm7 "
                   "emit8 ");
  EXPECT_FALSE(parsePhase("Import"));
  EXPECT_FALSE(parsePhase(""));
}

TEST(PhasesTest, EachPhaseIsARegisteredPipelineThatEndsInItsVerifier) {
  mlir::gemma::registerAllPasses();
  for (Phase phase : getPhases()) {
    std::string word = getWord(phase).str();
    EXPECT_TRUE(PassPipelineInfo::lookup("gemma-" + word + "-pipeline"));
    OpPassManager passes(ModuleOp::getOperationName());
    buildPhasePipeline(passes, phase);
    ASSERT_FALSE(passes.empty());
    EXPECT_EQ(std::prev(passes.end())->getArgument(), "gemma-verify-" + word);
    OpPassManager verifier(ModuleOp::getOperationName());
    buildPhaseVerifier(verifier, phase);
    EXPECT_EQ(verifier.size(), 1u);
  }
}

} // namespace
