//===- FileTest.cpp - Files to read and temporary files --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/File.h"

#include "../TestingArtifact.h"

#include <cstdlib>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace gemma;
using namespace gemma::testing;

TEST(FileTest, ReadsAndMaps) {
  TemporaryFile temporary(std::string(5000, 'a') + "bcd");
  Result<File> file = File::open(temporary.path());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 5003u);
  char bytes[3];
  ASSERT_TRUE(file->read(5000, bytes, 3));
  EXPECT_EQ(std::string(bytes, 3), "bcd");
  Result<Mapping> mapping = file->map(4096, 907);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->data()[906], 'd');
}

TEST(FileTest, ReadingPastTheEndIsBadData) {
  TemporaryFile temporary("abc");
  Result<File> file = File::open(temporary.path());
  ASSERT_TRUE(file);
  char bytes[4];
  Result<void> result = file->read(0, bytes, 4);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidData);
  EXPECT_NE(result.error().message.find("found its end"), std::string::npos);
}

TEST(FileTest, AbsentAndOddFiles) {
  EXPECT_EQ(File::open("/nonexistent").error().code, ErrorCode::NotFound);
  EXPECT_EQ(File::open("").error().code, ErrorCode::NotFound);
  EXPECT_EQ(File::open("/").error().code, ErrorCode::InvalidData);
  EXPECT_EQ(File::open("/dev/null").error().code, ErrorCode::InvalidData);
}

TEST(FileTest, MessagesAreOneLine) {
  Error error = File::open("/nonexistent\nerror: x").error();
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
}

TEST(FileTest, NoDescriptorLeftIsAResource) {
  TemporaryFile temporary("abc");
  rlimit before, none;
  getrlimit(RLIMIT_NOFILE, &before);
  none = before;
  none.rlim_cur = 0;
  setrlimit(RLIMIT_NOFILE, &none);
  Result<File> file = File::open(temporary.path());
  setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::Resource);
}

TEST(FileTest, TemporaryFilesAreWritableAndUnlinked) {
  Result<File> file = File::temporary(10000);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_NE(access(file->path().c_str(), F_OK), 0);
  ASSERT_TRUE(file->write(9990, "0123456789", 10));
  Result<Mapping> mapping = file->map(0, 10000);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(mapping->data()[0], 0);
  EXPECT_EQ(mapping->data()[9999], '9');
}

TEST(FileTest, NoRoomForATemporaryFileIsAResource) {
  setenv("TMPDIR", "/nonexistent", 1);
  Result<File> file = File::temporary(1);
  unsetenv("TMPDIR");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ErrorCode::Resource);
  EXPECT_NE(file.error().message.find("TMPDIR"), std::string::npos);
  EXPECT_EQ(File::temporary(uint64_t(1) << 62).error().code,
            ErrorCode::Resource);
}

TEST(FileTest, MovesOwnTheDescriptor) {
  TemporaryFile temporary("abc");
  Result<File> file = File::open(temporary.path());
  ASSERT_TRUE(file);
  File moved = std::move(*file);
  File other = std::move(*File::open(temporary.path()));
  other = std::move(moved);
  char byte;
  EXPECT_TRUE(other.read(2, &byte, 1));
  EXPECT_EQ(byte, 'c');
}
