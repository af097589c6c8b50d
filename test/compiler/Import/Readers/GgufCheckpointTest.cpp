//===- GgufCheckpointTest.cpp - Tests of GgufCheckpoint.cpp ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgufCheckpoint.h"

#include "test/compiler/Import/Readers/TestingGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using namespace gemma::testing;
using ::testing::HasSubstr;

namespace {
class GgufCheckpointTest : public ::testing::Test {
protected:
  /// Writes one of several files.
  void writePart(const std::string &name, uint16_t number, uint16_t count,
                 const std::vector<TestTensor> &tensors,
                 const std::vector<std::string> &more = {}) {
    GgufBuilder builder{more, tensors};
    builder.pairs.push_back(ggufPair("split.no", kU16, raw(number)));
    builder.pairs.push_back(ggufPair("split.count", kU16, raw(count)));
    writeFile(folder / name, builder.build());
  }

  std::string errorOf(const std::string &name,
                      ErrorCode code = ErrorCode::InvalidData) {
    Result<GgufCheckpoint> opened = GgufCheckpoint::open(folder / name);
    if (opened) {
      return "no error";
    }
    EXPECT_EQ(opened.error().code, code);
    return opened.error().message;
  }

  TemporaryFolder folder;
  const std::string first = "m-00001-of-00002.gguf";
  const std::string second = "m-00002-of-00002.gguf";
};
} // namespace

TEST_F(GgufCheckpointTest, OneFile) {
  writeFile(folder / "m.gguf", tinyGguf().build());
  Result<GgufCheckpoint> opened = GgufCheckpoint::open(folder / "m.gguf");
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->getDirectory(), folder.path);
  EXPECT_EQ(opened->getFileName(), "m.gguf");
  EXPECT_EQ(opened->getTensors().size(), 20u);
  EXPECT_EQ(*opened->getTensors().at("output_norm.weight").file, "m.gguf");
  EXPECT_TRUE(opened->getMetadata().find("gemma.block_count"));
}

TEST_F(GgufCheckpointTest, SeveralFilesAreOne) {
  std::vector<std::string> total = {
      ggufPair("split.tensors.count", kI32, raw<int32_t>(3)),
      ggufString("general.name", "x")};
  writePart(first, 0, 2, {{"a", "F32", {3}}, {"c", "F16", {5}}}, total);
  writePart(second, 1, 2, {{"b", "F32", {7}}});
  Result<GgufCheckpoint> opened = GgufCheckpoint::open(folder / first);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->getTensors().size(), 3u);
  EXPECT_EQ(*opened->getTensors().at("b").file, second);
  EXPECT_EQ(opened->getTensors().at("c").tensor->describe(), "F16 [5]");
  EXPECT_TRUE(opened->getMetadata().find("general.name"));
}

TEST_F(GgufCheckpointTest, RefusesParts) {
  writePart(first, 0, 2, {{"a", "F32", {3}}});
  EXPECT_THAT(errorOf(first, ErrorCode::NotFound),
              HasSubstr("expected the file 'm-00002-of-00002.gguf' beside it, "
                        "found none"));
  writePart(second, 1, 2, {{"a", "F32", {3}}});
  EXPECT_THAT(errorOf(first), HasSubstr("'a': expected each tensor in one "
                                        "file, found it in 'm-00001-of"));
  EXPECT_THAT(errorOf(second), HasSubstr("split.no: expected 0, the first of "
                                         "2 files, found 1"));
  writePart(second, 0, 2, {{"b", "F32", {3}}});
  EXPECT_THAT(errorOf(first), HasSubstr("split.no: expected an integer from 1 "
                                        "to 1, found u16 0"));
  writePart(second, 1, 3, {{"b", "F32", {3}}});
  EXPECT_THAT(errorOf(first), HasSubstr("split.count: expected an integer from "
                                        "2 to 2, found u16 3"));
  writeFile(folder / second, "GGUF");
  EXPECT_THAT(errorOf(first), HasSubstr("00002-of-00002.gguf: expected a "
                                        "header of 24 bytes"));
}

TEST_F(GgufCheckpointTest, RefusesCounts) {
  writePart("m.gguf", 0, 2, {{"a", "F32", {3}}});
  EXPECT_THAT(errorOf("m.gguf"),
              HasSubstr("expected the name STEM-00001-of-00002.gguf for the "
                        "first of 2 files, found 'm.gguf'"));
  writePart(first, 0, 3, {{"a", "F32", {3}}});
  EXPECT_THAT(errorOf(first), HasSubstr("STEM-00001-of-00003.gguf"));
  writePart(first, 0, 65535, {{"a", "F32", {3}}});
  EXPECT_THAT(errorOf(first), HasSubstr("split.count: expected an integer from "
                                        "1 to 4096, found u16 65535"));
  writePart(first, 0, 0, {{"a", "F32", {3}}});
  EXPECT_THAT(errorOf(first), HasSubstr("found u16 0"));
  writePart(first, 0, 1, {{"a", "F32", {3}}},
            {ggufPair("split.tensors.count", kI32, raw<int32_t>(2))});
  EXPECT_THAT(errorOf(first), HasSubstr("split.tensors.count: expected 1, as "
                                        "the files have, found i32 2"));
}

TEST_F(GgufCheckpointTest, MissingFile) {
  EXPECT_THAT(errorOf("none.gguf", ErrorCode::NotFound),
              HasSubstr("expected a file, found none"));
}

TEST(GgufNameTest, SplitNames) {
  auto name = parseGgufSplitName("a-b-00002-of-00013.gguf");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->stem, "a-b");
  EXPECT_EQ(name->number, 2u);
  EXPECT_EQ(name->count, 13u);
  EXPECT_EQ(name->nameOf(7), "a-b-00007-of-00013.gguf");
  for (const char *other :
       {"", "a.gguf", "a-00002-of-00013.ggml", "a-0002-of-00013.gguf",
        "a-00002_of-00013.gguf", "a-0000x-of-00013.gguf"}) {
    EXPECT_FALSE(parseGgufSplitName(other)) << other;
  }
  EXPECT_EQ(ggufStem("x/a-00002-of-00013.gguf"), "x/a");
  EXPECT_EQ(ggufStem("x/a.gguf"), "x/a");
  EXPECT_EQ(ggufStem("x/a"), "x/a");
}
