//===- TargetSpecTest.cpp - The target of a module ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/TargetSpec.h"
#include "test/compiler/TestingModule.h"

#include "compiler/Llvm/Kernels.h"

#include <gtest/gtest.h>

using namespace mlir::gemma;
using namespace mlir::gemma::testing;

namespace {

TEST(TargetSpecTest, ReadsTheOptionsOfTheOutermostModule) {
  auto context = makeContext();
  auto module = parse(*context, wrapKernels("", "\"avx2\", \"fma\""));
  ASSERT_TRUE(module);
  TargetSpec spec = TargetSpec::of(getKernels(*module));
  EXPECT_EQ(spec.triple, "x86_64-unknown-linux-gnu");
  EXPECT_EQ(spec.featureString(), "+avx2,+fma");
  EXPECT_TRUE(spec.has("fma"));
  EXPECT_FALSE(spec.has("avx512f"));
  EXPECT_TRUE(spec.hasFma());
}

TEST(TargetSpecTest, BaselineWithoutOptions) {
  auto context = makeContext();
  auto module = parse(*context, "module {}");
  TargetSpec spec = TargetSpec::of(*module);
  EXPECT_TRUE(spec.getTriple().isX86());
  EXPECT_FALSE(spec.hasFma());
  EXPECT_FALSE(spec.hasRounding());
  EXPECT_EQ(spec.featureString(), "");
}

TEST(TargetSpecTest, OtherArchitecturesFuseAndRound) {
  TargetSpec spec;
  spec.triple = "aarch64-unknown-linux-gnu";
  EXPECT_TRUE(spec.hasFma());
  EXPECT_TRUE(spec.hasRounding());
}

} // namespace
