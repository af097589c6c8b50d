//===- UserPassesTest.cpp - Users' passes inside a compile ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/UserPasses.h"
#include "compiler/RegisterAll.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::ErrorCode;

namespace {

/// Number of passes, or the error's message.
std::string parse(const std::string &pipeline) {
  mlir::gemma::registerAllPasses();
  OpPassManager passes(ModuleOp::getOperationName());
  auto parsed = parseUserPipeline({Phase::Fuse, pipeline}, passes);
  return parsed ? std::to_string(passes.size()) : parsed.error().message;
}

TEST(UserPassesTest, WithAndWithoutTheModule) {
  EXPECT_EQ(parse("canonicalize,cse"), "2");
  EXPECT_EQ(parse(" builtin.module(canonicalize,cse) "), "2");
  EXPECT_EQ(parse("builtin.module(func.func(cse))"), "1");
  EXPECT_EQ(parse("func.func(cse),canonicalize{max-iterations=3}"), "2");
}

TEST(UserPassesTest, ErrorsNameThePhaseAndTheText) {
  EXPECT_EQ(
      parse("no-such-pass")
          .rfind("--run-after=fuse: expected passes that are registered and "
                 "their options, found 'no-such-pass'",
                 0),
      0u);
  EXPECT_NE(parse("canonicalize{a=b}").find("no such option a"),
            std::string::npos);
  EXPECT_EQ(parse("canonicalize(").rfind("--run-after=fuse: ", 0), 0u);
}

TEST(UserPassesTest, Plugins) {
  auto missing = loadPassPlugins({"/nonexistent.so"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  auto wrong = loadPassPlugins({"/dev/null"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::InvalidData);
  EXPECT_TRUE(static_cast<bool>(loadPassPlugins({})));
}

} // namespace
