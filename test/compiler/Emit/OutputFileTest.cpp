//===- OutputFileTest.cpp - Files that appear whole or not at all ---------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/OutputFile.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <dirent.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir::gemma;
using ::gemma::ErrorCode;

namespace {

class OutputFileTest : public ::testing::Test {
protected:
  OutputFileTest() {
    std::string pattern = ::testing::TempDir() + "gemma-output-XXXXXX";
    folder = mkdtemp(pattern.data());
  }
  ~OutputFileTest() override { (void)!system(("rm -rf " + folder).c_str()); }

  std::vector<std::string> list() const {
    std::vector<std::string> names;
    DIR *directory = opendir(folder.c_str());
    while (dirent *entry = readdir(directory)) {
      std::string name = entry->d_name;
      if (name != "." && name != "..") {
        names.push_back(name);
      }
    }
    closedir(directory);
    return names;
  }

  static std::string readAll(const std::string &path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }

  using Names = std::vector<std::string>;
  std::string folder;
};

TEST_F(OutputFileTest, AppearsAtCommitWithZerosInTheGaps) {
  auto file = OutputFile::create(folder + "/a");
  ASSERT_TRUE(static_cast<bool>(file));
  EXPECT_EQ(list(), Names{".a.partial-" + std::to_string(getpid())});
  ASSERT_TRUE(static_cast<bool>(file->allocate(8)));
  ASSERT_TRUE(static_cast<bool>(file->write(6, "zz")));
  ASSERT_TRUE(static_cast<bool>(file->write(1, "a")));
  EXPECT_EQ(*file->read(0, 8), std::string("\0a\0\0\0\0zz", 8));
  ASSERT_TRUE(static_cast<bool>(file->commit()));
  EXPECT_EQ(list(), Names{"a"});
  EXPECT_EQ(readAll(folder + "/a"), std::string("\0a\0\0\0\0zz", 8));
}

TEST_F(OutputFileTest, OldFileStaysWithoutCommit) {
  ASSERT_TRUE(static_cast<bool>(writeFile(folder + "/a", "old")));
  {
    auto file = OutputFile::create(folder + "/a");
    ASSERT_TRUE(static_cast<bool>(file->write(0, "new and longer")));
    EXPECT_EQ(readAll(folder + "/a"), "old");
  }
  EXPECT_EQ(list(), Names{"a"});
  EXPECT_EQ(readAll(folder + "/a"), "old");
  ASSERT_TRUE(static_cast<bool>(writeFile(folder + "/a", "n")));
  EXPECT_EQ(readAll(folder + "/a"), "n");
}

TEST_F(OutputFileTest, RemovesWhatAKilledProcessLeft) {
  pid_t child = fork();
  if (child == 0) {
    auto file = OutputFile::create(folder + "/a");
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(list(), Names{".a.partial-" + std::to_string(child)});
  std::ofstream(folder + "/.a.partial-x");
  std::ofstream(folder + "/.b.partial-1");
  ASSERT_TRUE(static_cast<bool>(writeFile(folder + "/a", "new")));
  Names left = list();
  std::sort(left.begin(), left.end());
  EXPECT_EQ(left, (Names{".a.partial-x", ".b.partial-1", "a"}));
}

TEST_F(OutputFileTest, LeavesTheFileOfALivingProcess) {
  int ready[2], go[2];
  ASSERT_EQ(pipe(ready) | pipe(go), 0);
  pid_t child = fork();
  if (child == 0) {
    auto file = OutputFile::create(folder + "/a");
    char byte = 0;
    (void)!write(ready[1], &byte, 1);
    (void)!read(go[0], &byte, 1);
    (void)file->write(0, "child");
    _exit(file->commit() ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_TRUE(static_cast<bool>(writeFile(folder + "/a", "parent")));
  EXPECT_EQ(readAll(folder + "/a"), "parent");
  ASSERT_EQ(write(go[1], &byte, 1), 1);
  int status;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(readAll(folder + "/a"), "child");
  EXPECT_EQ(list(), Names{"a"});
}

TEST_F(OutputFileTest, TargetsThatCannotBe) {
  auto code = [](const std::string &path) {
    auto file = OutputFile::create(path);
    return file ? ErrorCode::Internal : file.error().code;
  };
  EXPECT_EQ(code(folder), ErrorCode::InvalidUsage);
  EXPECT_EQ(code("/dev/null"), ErrorCode::InvalidUsage);
  EXPECT_EQ(code(folder + "/none/a"), ErrorCode::NotFound);
  std::ofstream(folder + "/file");
  EXPECT_EQ(code(folder + "/file/a"), ErrorCode::NotFound);
  // The one folder that not even root may write to; a bare root has none.
  if (std::filesystem::exists("/sys/kernel")) {
    EXPECT_EQ(code("/sys/kernel/a"), ErrorCode::Resource);
  }
}

TEST_F(OutputFileTest, NoSpace) {
  signal(SIGXFSZ, SIG_IGN);
  rlimit old, small;
  getrlimit(RLIMIT_FSIZE, &old);
  small = {1 << 16, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  {
    auto file = OutputFile::create(folder + "/a");
    ASSERT_TRUE(static_cast<bool>(file));
    auto allocated = file->allocate(1 << 20);
    EXPECT_FALSE(allocated);
    EXPECT_EQ(allocated.error().code, ErrorCode::Resource);
    auto written = file->write(1 << 17, "x");
    EXPECT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::Resource);
  }
  setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_EQ(list(), Names{});
}

TEST_F(OutputFileTest, WritesStraightToADevice) {
  EXPECT_TRUE(static_cast<bool>(writeFile("/dev/null", "text")));
  struct stat status;
  ASSERT_EQ(stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
  auto full = writeFile("/dev/full", "text");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, ErrorCode::Resource);
}

} // namespace
