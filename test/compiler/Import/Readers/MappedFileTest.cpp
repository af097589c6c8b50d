//===- MappedFileTest.cpp - Tests of MappedFile.cpp -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/MappedFile.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <sys/stat.h>

using namespace gemma;
using namespace gemma::testing;
using ::testing::HasSubstr;

TEST(MappedFileTest, MapsAFile) {
  TemporaryFolder folder;
  writeFile(folder / "a", "abc");
  Result<MappedFile> file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes(), "abc");
  MappedFile moved = std::move(*file);
  EXPECT_EQ(moved.bytes(), "abc");
}

TEST(MappedFileTest, MapsAnEmptyFile) {
  TemporaryFolder folder;
  writeFile(folder / "a", "");
  Result<MappedFile> file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes(), "");
}

TEST(MappedFileTest, SaysWhatIsNoFile) {
  TemporaryFolder folder;
  Result<MappedFile> missing = MappedFile::open(folder / "a");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
  EXPECT_THAT(missing.error().message,
              HasSubstr("expected a file, found none"));
  Result<MappedFile> directory = MappedFile::open(folder.path);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::InvalidData);
  EXPECT_THAT(directory.error().message, HasSubstr("found a folder"));
  Result<MappedFile> device = MappedFile::open("/dev/zero");
  ASSERT_FALSE(device);
  EXPECT_THAT(device.error().message, HasSubstr("found a special file"));
  EXPECT_FALSE(MappedFile::open(std::string("a\0b", 3)));
}

TEST(MappedFileTest, DoesNotWaitForAPipe) {
  TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_FALSE(MappedFile::open(folder / "pipe"));
  EXPECT_FALSE(readSmallFile(folder / "pipe", 10));
}

TEST(MappedFileTest, ReleasedBytesCanBeReadAgain) {
  TemporaryFolder folder;
  std::string bytes(10000, 'x');
  bytes.back() = 'y';
  writeFile(folder / "a", bytes);
  Result<MappedFile> file = MappedFile::open(folder / "a");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes(), bytes);
  file->release(5000, 5000);
  file->release(0, UINT64_MAX);
  file->release(UINT64_MAX, 1);
  EXPECT_EQ(file->bytes(), bytes);
}

TEST(ReadSmallFileTest, HasALimit) {
  TemporaryFolder folder;
  writeFile(folder / "a", "abcd");
  EXPECT_EQ(*readSmallFile(folder / "a", 4), "abcd");
  Result<std::string> large = readSmallFile(folder / "a", 3);
  ASSERT_FALSE(large);
  EXPECT_THAT(large.error().message,
              HasSubstr("expected at most 3 bytes, found 4"));
}

TEST(ReadSmallFileTest, NamesLfsPointers) {
  TemporaryFolder folder;
  writeFile(folder / "a", "version https://git-lfs.github.com/spec/v1\noid");
  Result<std::string> file = readSmallFile(folder / "a", 1000);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("git-lfs pointer"));
}

TEST(EntryExistsTest, SeesDanglingLinks) {
  TemporaryFolder folder;
  EXPECT_FALSE(entryExists(folder / "a"));
  std::filesystem::create_symlink("nowhere", folder / "a");
  EXPECT_TRUE(entryExists(folder / "a"));
}
