//===- CodeImageTest.cpp - Loading a code segment -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CodeImage.h"

#include "../TestingArtifact.h"

#include <gtest/gtest.h>

using namespace gemma;
using namespace gemma::testing;

static std::string adder(int amount) {
  return compileImage("void kernel(long long *const *p, const long long *s,"
                      "            long long begin, long long end) {"
                      "  *p[0] += " +
                      std::to_string(amount) + " + (end - begin) * s[0]; }");
}

static Result<CodeImage> load(const std::string &bytes,
                              const std::string &hashed) {
  TemporaryFile temporary("skipped " + bytes);
  File file = std::move(*File::open(temporary.path()));
  std::vector<std::string_view> kernels = {"kernel"};
  return CodeImage::load(file, 8, bytes.size(),
                         *sha256(hashed.data(), hashed.size()), kernels);
}

static int64_t call(const CodeImage &image) {
  int64_t sum = 0, scalars[2] = {10, 0};
  void *pointers[] = {&sum};
  image.kernels()[0](pointers, scalars, 2, 5);
  return sum;
}

TEST(CodeImageTest, RunsKernels) {
  Result<CodeImage> image = load(adder(1), adder(1));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(call(*image), 31);
}

// The loader finds an image that it has by name; two of them must not be
// taken for one another, also when one was closed in between.
TEST(CodeImageTest, ImagesAreApart) {
  Result<CodeImage> first = load(adder(1), adder(1));
  Result<CodeImage> second = load(adder(2), adder(2));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(call(*first), 31);
  EXPECT_EQ(call(*second), 32);
  {
    CodeImage gone = std::move(*first);
    EXPECT_EQ(call(gone), 31);
  }
  Result<CodeImage> third = load(adder(3), adder(3));
  ASSERT_TRUE(third);
  EXPECT_EQ(call(*second), 32);
  EXPECT_EQ(call(*third), 33);
  *third = std::move(*second);
  EXPECT_EQ(call(*third), 32);
}

TEST(CodeImageTest, RefusesAWrongHash) {
  Result<CodeImage> image = load(adder(1), adder(2));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(image.error().message.find("segment code: expected SHA-256"), 0u);
}

TEST(CodeImageTest, RefusesWhatIsNoKernelImage) {
  Result<CodeImage> image = load("not ELF", "not ELF");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::InvalidData);
}

TEST(CodeImageTest, RefusesATruncatedFile) {
  TemporaryFile temporary("short");
  File file = std::move(*File::open(temporary.path()));
  Result<CodeImage> image =
      CodeImage::load(file, 0, 100, {}, std::vector<std::string_view>());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::InvalidData);
}
