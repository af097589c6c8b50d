//===- GgufTest.cpp - Tests of Gguf.cpp -----------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Gguf.h"

#include "test/compiler/Import/Readers/TestingGguf.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using namespace gemma::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

static std::string errorOf(const std::string &bytes) {
  Result<GgufHeader> parsed = parseGguf(bytes, "f");
  if (parsed) {
    return "no error";
  }
  EXPECT_EQ(parsed.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  EXPECT_THAT(parsed.error().message, HasSubstr(": expected "));
  EXPECT_THAT(parsed.error().message, HasSubstr(", found "));
  return parsed.error().message;
}

/// A file of tensors that are described by `infos`, with `dataSize` bytes.
static std::string withInfos(const std::vector<std::string> &infos,
                             size_t dataSize, const std::string &pairs = "",
                             uint64_t numPairs = 0, size_t alignment = 32) {
  std::string head = ggufHeader(infos.size(), numPairs) + pairs;
  for (const std::string &info : infos) {
    head += info;
  }
  return padded(head, alignment) + std::string(dataSize, '\0');
}

TEST(GgufTest, ReadsTensorsSortedByName) {
  std::string file =
      withInfos({ggufInfo("b", {2, 3}, 0, 0), ggufInfo("a", {2, 64}, 2, 32),
                 ggufInfo("c", {5}, 30, 128)},
                160);
  Result<GgufHeader> header = parseGguf(file, "f");
  ASSERT_TRUE(header) << header.error().message;
  ASSERT_EQ(header->tensors.size(), 3u);
  const GgufTensor *a = header->find("a");
  ASSERT_TRUE(a);
  EXPECT_EQ(a, &header->tensors[0]);
  EXPECT_EQ(a->describe(), "Q4_0 [2, 64]");
  EXPECT_THAT(a->shape, ElementsAre(2, 64));
  EXPECT_EQ(a->size, 2u * 2 * 18);
  EXPECT_EQ(header->find("c")->describe(), "BF16 [5]");
  EXPECT_EQ(header->find("d"), nullptr);
  EXPECT_EQ(header->dataOffset + 160, file.size());
}

TEST(GgufTest, OpensAFile) {
  TemporaryFolder folder;
  writeFile(folder / "x.gguf", tinyGguf().build());
  Result<GgufFile> file = GgufFile::open(folder / "x.gguf");
  ASSERT_TRUE(file) << file.error().message;
  const GgufTensor *q = file->getHeader().find("blk.1.attn_q.weight");
  ASSERT_TRUE(q);
  EXPECT_EQ(file->bytesOf(*q).substr(2, 2), encodeValue("BF16", testValue(1)));
  EXPECT_EQ(file->bytesOf(*q).size(), 128u);
  file->release(*q, 0, 128);
  EXPECT_EQ(file->getHeader().metadata.find("general.architecture")->bytes,
            "gemma");
  EXPECT_FALSE(GgufFile::open(folder / "y.gguf"));
}

TEST(GgufTest, LastPaddingMayBeMissing) {
  std::vector<std::string> infos = {ggufInfo("a", {3}, 0, 0)};
  for (size_t size : {12, 13, 32, 43}) {
    EXPECT_EQ(errorOf(withInfos(infos, size)), "no error") << size;
  }
  EXPECT_THAT(errorOf(withInfos(infos, 11)),
              HasSubstr("'a': expected 12 bytes for F32 [3], found 11"));
  EXPECT_THAT(errorOf(withInfos(infos, 44)),
              HasSubstr("expected 12 bytes of data, as its header says, "
                        "found 44"));
  EXPECT_EQ(errorOf(ggufHeader(0, 0)), "no error");
}

TEST(GgufTest, Versions) {
  EXPECT_EQ(errorOf(ggufHeader(0, 0, 2)), "no error");
  EXPECT_THAT(errorOf(ggufHeader(0, 0, 1)),
              HasSubstr("version: expected 2 or 3, little-endian, found 1"));
  EXPECT_THAT(errorOf(ggufHeader(0, 0, 4)), HasSubstr("found 4"));
  EXPECT_THAT(errorOf(ggufHeader(0, 0, 3u << 24)),
              HasSubstr("found 3, big-endian"));
}

TEST(GgufTest, RefusesFilesThatAreNone) {
  EXPECT_THAT(errorOf(""), HasSubstr("expected a GGUF file, found 0 bytes"));
  EXPECT_THAT(errorOf("GGU"), HasSubstr("found 3 bytes"));
  EXPECT_THAT(errorOf("ggml1234"), HasSubstr("found 'ggml' at its start"));
  EXPECT_THAT(errorOf("version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("git-lfs pointer"));
}

TEST(GgufTest, Alignment) {
  std::vector<std::string> infos = {ggufInfo("a", {3}, 0, 0),
                                    ggufInfo("b", {3}, 0, 64)};
  auto file = [&](uint32_t alignment) {
    return errorOf(
        withInfos(infos, 128, ggufU32("general.alignment", alignment), 1, 64));
  };
  EXPECT_EQ(file(64), "no error");
  EXPECT_THAT(file(32), HasSubstr("there is a hole"));
  EXPECT_THAT(file(128), HasSubstr("'b': offset: expected a multiple of 128"));
  for (uint32_t bad : {0u, 1u, 4u, 65537u, 1u << 31}) {
    EXPECT_THAT(file(bad), HasSubstr("general.alignment: expected an integer "
                                     "from 8 to 65536"));
  }
  EXPECT_THAT(file(96), HasSubstr("expected a power of two, found u32 96"));
  EXPECT_THAT(
      errorOf(withInfos(infos, 128, ggufF32("general.alignment", 64), 1, 64)),
      HasSubstr("found f32 64"));
}

TEST(GgufTest, ChecksCounts) {
  EXPECT_THAT(errorOf(ggufHeader(1, 0)),
              HasSubstr("tensors: expected at most 0, found 1"));
  EXPECT_THAT(errorOf(ggufHeader(UINT64_MAX, 0) + std::string(1000, '\0')),
              HasSubstr("tensors: expected at most 30, found 1844674407"));
  EXPECT_THAT(errorOf(ggufHeader(0, UINT64_MAX) + std::string(1000, '\0')),
              HasSubstr("metadata: expected at most 71 pairs"));
  EXPECT_THAT(errorOf(ggufHeader(70000, 0) + std::string(70000 * 33, '\0')),
              HasSubstr("tensors: expected at most 65536"));
}

TEST(GgufTest, ChecksDescriptions) {
  struct Case {
    std::string info;
    const char *message;
  };
  const std::string kName = ggufText("a");
  const Case kCases[] = {
      {ggufInfo("", {3}, 0, 0), "tensor 0: name: expected 1 to "},
      {ggufInfo(std::string(256, 'n'), {3}, 0, 0), "found 256"},
      {raw(UINT64_MAX) + std::string(40, 'x'), "found 1844674407370955"},
      {ggufInfo("a", {}, 0, 0) + std::string(8, '\0'),
       "'a': shape: expected 1 to 4 dimensions, found 0"},
      {ggufInfo("a", {1, 1, 1, 1, 1}, 0, 0), "1 to 4 dimensions, found 5"},
      {kName + raw(UINT32_MAX) + std::string(99, '\0'), "found 4294967295"},
      {ggufInfo("a", {0}, 0, 0), "dimensions from 1 to 2^48, found 0"},
      {ggufInfo("a", {3, UINT64_MAX}, 0, 0), "dimensions from 1 to 2^48"},
      {ggufInfo("a", {(1ull << 48) + 1}, 0, 0), "dimensions from 1 to 2^48"},
      {ggufInfo("a", {1ull << 48, 1ull << 48}, 0, 0),
       "expected a size of 64 bits"},
      {ggufInfo("a", {1ull << 48}, 0, 0), "to the end of the file"},
      {ggufInfo("a", {3}, 4, 0), "type: expected a tensor type of GGUF"},
      {ggufInfo("a", {3}, UINT32_MAX, 0), "found 4294967295"},
      {ggufInfo("a", {48}, 8, 0), "whole blocks of 32, found Q8_0 [48]"},
      {ggufInfo("a", {32, 128}, 14, 0), "whole blocks of 256"},
      {ggufInfo("a", {3}, 0, 1), "offset: expected a multiple of 32, found 1"},
      {ggufInfo("a", {3}, 0, 32), "expected 0 (there is a hole), found 32"},
      {ggufInfo("a", {3}, 0, ~31ull), "there is a hole"},
  };
  for (const Case &each : kCases) {
    EXPECT_THAT(errorOf(withInfos({each.info}, 64)), HasSubstr(each.message));
  }
  // The file ends behind the length of a name.
  EXPECT_EQ(errorOf(ggufHeader(2, 0) +
                    ggufInfo(std::string(60, 'n'), {3}, 0, 0) +
                    raw<uint64_t>(1)),
            "f: tensor 1: expected a name, found the end of the file after 0 "
            "bytes");
}

TEST(GgufTest, TensorsFollowOneAnother) {
  auto two = [](uint64_t first, uint64_t second) {
    return errorOf(withInfos(
        {ggufInfo("a", {9}, 0, first), ggufInfo("b", {9}, 0, second)}, 128));
  };
  EXPECT_EQ(two(0, 64), "no error");
  EXPECT_EQ(two(64, 0), "no error");
  EXPECT_THAT(two(0, 32), HasSubstr("'b': offset: expected 64 (they overlap)"));
  EXPECT_THAT(two(0, 0), HasSubstr("they overlap"));
  EXPECT_THAT(two(0, 96), HasSubstr("there is a hole"));
  EXPECT_THAT(errorOf(withInfos(
                  {ggufInfo("a", {9}, 0, 0), ggufInfo("a", {9}, 0, 64)}, 128)),
              HasSubstr("'a': expected each tensor once"));
}

TEST(GgufTest, EveryTruncationOfTheHeaderIsAnError) {
  std::string file = tinyGguf().build();
  Result<GgufHeader> header = parseGguf(file, "f");
  ASSERT_TRUE(header) << header.error().message;
  // Every byte of the header, and every edge of a tensor.
  std::vector<size_t> sizes;
  for (size_t size = 0; size <= header->dataOffset; ++size) {
    sizes.push_back(size);
  }
  uint64_t last = 0;
  for (const GgufTensor &tensor : header->tensors) {
    sizes.push_back(header->dataOffset + tensor.offset + tensor.size - 1);
    last = std::max(last, header->dataOffset + tensor.offset + tensor.size);
  }
  for (size_t size : sizes) {
    // A copy of exactly that size, for the sanitizer to guard its end.
    std::vector<char> part(file.begin(), file.begin() + size);
    Result<GgufHeader> cut = parseGguf({part.data(), part.size()}, "f");
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, ErrorCode::InvalidData);
    EXPECT_EQ(cut.error().message.find('\n'), std::string::npos);
  }
  EXPECT_TRUE(parseGguf(std::string_view(file).substr(0, last), "f"));
}

TEST(GgufTest, EveryFlippedBitIsReadOrRefused) {
  // Without the vocabulary, most of whose bits are texts and scores.
  const std::string file = tinyGguf("BF16", false).build();
  size_t header = parseGguf(file, "f")->dataOffset, refused = 0;
  for (size_t bit = 0; bit < header * 8; ++bit) {
    std::vector<char> bad(file.begin(), file.end());
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    Result<GgufHeader> parsed = parseGguf({bad.data(), bad.size()}, "f");
    refused += !parsed;
    if (parsed) {
      for (const GgufTensor &tensor : parsed->tensors) {
        EXPECT_LE(parsed->dataOffset + tensor.offset + tensor.size, bad.size());
      }
    }
  }
  // Names, keys and values can change unnoticed here.
  EXPECT_GT(refused, header * 8 / 3);
}
