//===- PassRunnerTest.cpp - Failures and crashes of passes ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/PassRunner.h"
#include "test/compiler/TestingModule.h"

#include <gtest/gtest.h>

#include <csignal>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::ErrorCode;
using ::gemma::Result;

namespace {

TEST(PassRunnerTest, CrashComesBackAsAnError) {
  auto done = guardAgainstCrash("phase x", []() -> Result<void> {
    std::raise(SIGSEGV);
    return {};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Internal);
  EXPECT_EQ(done.error().message, "phase x crashed (Segmentation fault)");
}

TEST(PassRunnerTest, ResultsPassThrough) {
  EXPECT_TRUE(guardAgainstCrash("x", [] { return Result<void>(); }));
  auto done = guardAgainstCrash(
      "x", [] { return Result<void>(::gemma::notFound("gone")); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "gone");
}

TEST(PassRunnerTest, FirstDiagnosticInOneLineWithItsPlace) {
  auto context = mlir::gemma::testing::makeContext();
  ErrorCollector errors(context.get());
  EXPECT_FALSE(errors.hasError());
  EXPECT_EQ(errors.getMessage("nothing"), "nothing");
  Location place = FileLineColLoc::get(context.get(), "a.mlir", 3, 7);
  emitError(place, "first\nsecond line");
  emitError(place, "another");
  EXPECT_EQ(errors.getMessage(""), "first (a.mlir:3:7)");
}

} // namespace
