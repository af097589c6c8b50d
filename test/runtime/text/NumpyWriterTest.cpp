//===- NumpyWriterTest.cpp - Tests of NumpyWriter -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/NumpyWriter.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace gemma;
namespace fs = std::filesystem;

namespace {
struct NumpyWriterTest : ::testing::Test {
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "gemma-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  size_t files() const {
    return std::distance(fs::directory_iterator(folder),
                         fs::directory_iterator());
  }
  std::string read(const fs::path &path) const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder;
};
} // namespace

static Result<void> writeTwoRows(const fs::path &path) {
  auto writer = NumpyWriter::create(path.string(), 2, 3);
  if (!writer) {
    return writer.takeError();
  }
  for (auto row : {std::vector<float>{1, 2, 3}, std::vector<float>{4, 5, 6}}) {
    if (auto done = writer->write(row); !done) {
      return done;
    }
  }
  return writer->commit();
}

TEST_F(NumpyWriterTest, WritesNumpysFormat) {
  auto done = writeTwoRows(folder / "a.npy");
  ASSERT_TRUE(done) << done.error().message;
  std::string bytes = read(folder / "a.npy");
  ASSERT_EQ(bytes.size(), 128u + 24);
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  std::string dictionary =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  EXPECT_EQ(bytes.substr(10, dictionary.size()), dictionary);
  EXPECT_EQ(bytes[127], '\n');
  float values[6];
  std::memcpy(values, bytes.data() + 128, sizeof(values));
  EXPECT_THAT(values, ::testing::ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(files(), 1u);
  EXPECT_NE(fs::status(folder / "a.npy").permissions() & fs::perms::owner_write,
            fs::perms::none);
}

TEST_F(NumpyWriterTest, ReplacesOnlyWhenComplete) {
  std::ofstream(folder / "a.npy") << "old";
  {
    auto writer = NumpyWriter::create((folder / "a.npy").string(), 2, 3);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->write(std::vector<float>{1, 2, 3}));
    Result<void> early = writer->commit();
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().code, ErrorCode::Internal);
    EXPECT_FALSE(writer->write(std::vector<float>(4)));
    EXPECT_EQ(files(), 2u);
  }
  EXPECT_EQ(files(), 1u);
  EXPECT_EQ(read(folder / "a.npy"), "old");
  ASSERT_TRUE(writeTwoRows(folder / "a.npy"));
  EXPECT_EQ(read(folder / "a.npy").size(), 128u + 24);
}

TEST_F(NumpyWriterTest, FollowsLinks) {
  fs::create_symlink(folder / "real.npy", folder / "link.npy");
  std::ofstream(folder / "real.npy") << "old";
  ASSERT_TRUE(writeTwoRows(folder / "link.npy"));
  EXPECT_TRUE(fs::is_symlink(folder / "link.npy"));
  EXPECT_EQ(read(folder / "real.npy").size(), 128u + 24);
}

TEST_F(NumpyWriterTest, WritesDevicesDirectly) {
  EXPECT_TRUE(writeTwoRows("/dev/null"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  Result<void> full = writeTwoRows("/dev/full");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::Resource);
  EXPECT_THAT(full.error().message,
              ::testing::HasSubstr("No space left on device"));
}

TEST_F(NumpyWriterTest, SaysWhyItCannotWrite) {
  for (const fs::path &path :
       {folder, folder / "missing" / "a.npy", fs::path()}) {
    Result<void> refused = writeTwoRows(path);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, ErrorCode::NotFound);
    EXPECT_THAT(refused.error().message,
                ::testing::HasSubstr("output: expected a file to write"));
  }
  EXPECT_EQ(files(), 0u);
}
