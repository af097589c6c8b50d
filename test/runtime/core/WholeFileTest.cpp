//===- WholeFileTest.cpp ----------------------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/WholeFile.h"

#include "../TestingArtifact.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

using namespace gemma;
using namespace gemma::testing;

TEST(WholeFileTest, IsThereOnlyAfterCommit) {
  TemporaryFile file("before");
  {
    auto lost = WholeFile::create(file.path());
    ASSERT_TRUE(lost);
    ASSERT_TRUE(lost->write("half", 4));
    EXPECT_EQ(file.read(), "before");
  }
  EXPECT_EQ(file.read(), "before");
  auto kept = WholeFile::create(file.path());
  ASSERT_TRUE(kept);
  ASSERT_TRUE(kept->write("af", 2));
  ASSERT_TRUE(kept->write("ter", 3));
  ASSERT_TRUE(kept->commit());
  EXPECT_EQ(file.read(), "after");
}

TEST(WholeFileTest, FilesAreWrittenWhole) {
  TemporaryFile file("before");
  ASSERT_EQ(chmod(file.path().c_str(), 0600), 0);
  ASSERT_TRUE(writeWholeFile(file.path(), "after"));
  EXPECT_EQ(file.read(), "after");
  EXPECT_TRUE(writeWholeFile("/dev/null", "anything"));
}

TEST(WholeFileTest, WhatCannotBeWrittenIsAnError) {
  Result<void> nowhere = writeWholeFile("/no such folder/file", "x");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::NotFound);
  Result<void> full = writeWholeFile("/dev/full", "x");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::Resource);
  EXPECT_FALSE(writeWholeFile("/", "x"));
}
