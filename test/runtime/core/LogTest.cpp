//===- LogTest.cpp - What tools say on stderr -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Log.h"

#include <gtest/gtest.h>

using namespace gemma;

TEST(LogTest, AnErrorIsOneLineAndItsCode) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(printError(notFound("a\nerror: b")), 66);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "error: a\\x0aerror: b\n");
}

TEST(LogTest, AWarningIsOneLine) {
  ::testing::internal::CaptureStderr();
  printWarning("x\r");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "warning: x\\x0d\n");
}

TEST(LogTest, HostileLengthIsCut) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(printError(invalidData(std::string(1 << 20, 'x'))), 65);
  EXPECT_LT(::testing::internal::GetCapturedStderr().size(), 5000u);
}
