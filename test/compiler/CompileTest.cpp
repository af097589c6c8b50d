//===- CompileTest.cpp - Options of a compile that exclude each other -----===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Compile.h"
#include "compiler/RegisterAll.h"

#include <gtest/gtest.h>

using namespace mlir::gemma;
using ::gemma::ErrorCode;

namespace {

CompileOptions fromConfig() {
  CompileOptions options;
  options.config = "gemma-2b";
  options.seed = 1;
  options.to = Phase::Import;
  options.output = "/dev/null";
  return options;
}

ErrorCode codeOf(const CompileOptions &options) {
  registerAllPasses();
  auto report = compile(options);
  return report ? ErrorCode(0) : report.error().code;
}

TEST(CompileTest, ConfigStopsAfterImport) {
  EXPECT_EQ(codeOf(fromConfig()), ErrorCode(0));
}

TEST(CompileTest, InputsThatExcludeEachOther) {
  CompileOptions options = fromConfig();
  options.input = "folder";
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  options = fromConfig();
  options.seed.reset();
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  options = fromConfig();
  options.checkpoint = "folder";
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  options = fromConfig();
  options.config.clear();
  options.seed.reset();
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  options.input = "folder";
  options.import.stub = true;
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  // An artifact is no text: it does not go to stdout, nor to a file "-".
  options = fromConfig();
  options.to = Phase::Emit;
  options.output = "-";
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
}

TEST(CompileTest, PhasesInOrder) {
  CompileOptions options;
  options.input = "/nonexistent/a.3.pack.mlir";
  options.from = Phase::Pack;
  EXPECT_EQ(codeOf(options), ErrorCode::NotFound);
  options.to = Phase::Pack;
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
}

TEST(CompileTest, UserPipelines) {
  CompileOptions options = fromConfig();
  options.userPipelines = {{Phase::Import, "builtin.module(canonicalize,cse)"},
                           {Phase::Import, "cse"}};
  EXPECT_EQ(codeOf(options), ErrorCode(0));
  // After the last phase, after emit, unknown.
  options.userPipelines = {{Phase::Fuse, "cse"}};
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  options.userPipelines = {{Phase::Emit, "cse"}};
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  options.userPipelines = {{Phase::Import, "no-such-pass"}};
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidUsage);
  // It leaves what the phase may not give.
  options.userPipelines = {{Phase::Import, "gemma-plan-encodings"}};
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidData);
}

TEST(CompileTest, Plugins) {
  CompileOptions options = fromConfig();
  options.passPlugins = {"/nonexistent.so"};
  EXPECT_EQ(codeOf(options), ErrorCode::NotFound);
  options.passPlugins = {"/dev/null"};
  EXPECT_EQ(codeOf(options), ErrorCode::InvalidData);
}

} // namespace
