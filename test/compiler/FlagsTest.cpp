//===- FlagsTest.cpp - From words to options ------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Flags.h"

#include <gtest/gtest.h>

using namespace mlir::gemma;
using ::gemma::ErrorCode;

namespace {

TEST(FlagsTest, Phases) {
  EXPECT_EQ(*readPhase("--compile-to", "pack"), Phase::Pack);
  auto wrong = readPhase("--compile-to", "packs");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::InvalidUsage);
  EXPECT_EQ(wrong.error().message,
            "--compile-to: expected a phase (import, fuse, pack, bufferize, "
            "dispatch, codegen, llvm, emit), found 'packs'");
}

TEST(FlagsTest, UserPipelines) {
  auto pipeline = readUserPipeline("fuse:a,b{c=d:e}");
  ASSERT_TRUE(static_cast<bool>(pipeline));
  EXPECT_EQ(pipeline->after, Phase::Fuse);
  EXPECT_EQ(pipeline->pipeline, "a,b{c=d:e}");
  EXPECT_FALSE(readUserPipeline("fuse"));
  EXPECT_FALSE(readUserPipeline("fuse: "));
  EXPECT_FALSE(readUserPipeline("nothing:cse"));
}

TEST(FlagsTest, Fusions) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(*readFusions("--no-fuse", "lm-head,norm-linear,lm-head"),
            (Words{"norm-linear", "lm-head"}));
  Words all = {"norm-linear",     "norm-geglu",    "rope-attention",
               "linear-residual", "norm-residual", "lm-head"};
  EXPECT_EQ(*readFusions("--no-fuse", "all"), all);
  EXPECT_EQ(*readFusions("--no-fuse", "lm-head,all"), all);
  EXPECT_EQ(*readFusions("--no-fuse", "none"), Words());
  for (const char *word :
       {"norm-qkv", "norm_linear", "all,x", "none,all", ""}) {
    auto wrong = readFusions("--no-fuse", word);
    ASSERT_FALSE(wrong) << word;
    EXPECT_EQ(wrong.error().code, ErrorCode::InvalidUsage);
  }
  EXPECT_EQ(readFusions("--no-fuse", "head").error().message,
            "--no-fuse: expected none, all, norm-linear, norm-geglu, "
            "rope-attention, linear-residual, norm-residual, lm-head between "
            "commas, found 'head'");
}

TEST(FlagsTest, Targets) {
  ImportOptions options;
  ASSERT_TRUE(static_cast<bool>(setTarget(options, "x86-64-v3")));
  EXPECT_EQ(options.cpu, "x86-64-v3");
  EXPECT_FALSE(options.features.empty());
  EXPECT_FALSE(setTarget(options, "z80"));
  EXPECT_TRUE(static_cast<bool>(setTarget(options, "")));
}

TEST(FlagsTest, OtherMachines) {
  ImportOptions options;
  ASSERT_TRUE(static_cast<bool>(
      setTarget(options, "neoverse-n1", "aarch64-linux-gnu")));
  EXPECT_EQ(options.triple, "aarch64-unknown-linux-gnu");
  EXPECT_EQ(options.features,
            (std::vector<std::string>{"dotprod", "fullfp16"}));
  // A name of the other architecture.
  auto wrong = setTarget(options, "znver4", "aarch64-linux-gnu");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::InvalidUsage);
  EXPECT_NE(wrong.error().message.find("neoverse-v1"), std::string::npos);
  EXPECT_FALSE(setTarget(options, "neoverse-n1", "x86_64-linux-gnu"));
  auto unknown = setTarget(options, "", "riscv64-linux-gnu");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::InvalidUsage);
  EXPECT_EQ(unknown.error().message,
            "--target: expected x86_64-linux-gnu or aarch64-linux-gnu, found "
            "'riscv64-linux-gnu'");
}

TEST(FlagsTest, Numbers) {
  EXPECT_EQ(*readNumber("-j", "12", 1, 64), 12u);
  for (const char *word :
       {"", "0", "65", "-1", "1.5", "x", "1e3", "99999999999999999999"}) {
    auto wrong = readNumber("-j", word, 1, 64);
    ASSERT_FALSE(wrong) << word;
    EXPECT_EQ(wrong.error().code, ErrorCode::InvalidUsage);
  }
}

TEST(FlagsTest, Summary) {
  CompileReport report;
  report.artifact = "a.gemma";
  report.artifactBytes = 5012885504;
  EXPECT_EQ(describe(report, 25.14, 161000000),
            "a.gemma: 5.0 GB in 25.1 s, peak memory 161 MB");
  report.artifactBytes = 12;
  EXPECT_EQ(describe(report, 0, 999),
            "a.gemma: 12 B in 0.0 s, peak memory 999 B");
}

} // namespace
