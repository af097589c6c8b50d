//===- ProcessSetupTest.cpp - Orderly early ends --------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/ProcessSetup.h"
#include "compiler/Emit/OutputFile.h"

#include "llvm/Support/ErrorHandling.h"

#include <gtest/gtest.h>

#include <csignal>
#include <new>

using namespace mlir::gemma;

namespace {

TEST(ProcessSetupDeathTest, SignalsEndWith130AndRemoveTheTemporaryFile) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  std::string path = ::testing::TempDir() + "interrupted.gemma";
  for (int signal : {SIGINT, SIGTERM}) {
    EXPECT_EXIT(
        {
          setUpProcess();
          auto file = OutputFile::create(path);
          rename(file->getTemporaryPath().c_str(), (path + ".seen").c_str());
          rename((path + ".seen").c_str(), file->getTemporaryPath().c_str());
          std::raise(signal);
        },
        ::testing::ExitedWithCode(130), "^error: interrupted\n$");
    EXPECT_EQ(access(path.c_str(), F_OK), -1);
  }
}

TEST(ProcessSetupDeathTest, NoMemory) {
  EXPECT_EXIT(
      {
        setUpProcess();
        std::get_new_handler()();
      },
      ::testing::ExitedWithCode(69), "^error: out of memory\n$");
}

TEST(ProcessSetupDeathTest, ErrorInsideLlvm) {
  EXPECT_EXIT(
      {
        setUpProcess();
        llvm::report_fatal_error("no such thing");
      },
      ::testing::ExitedWithCode(70), "^error: no such thing\n$");
}

TEST(ProcessSetupTest, PeakMemory) { EXPECT_GT(getPeakMemory(), 1000000u); }

} // namespace
