//===- SafetensorsTest.cpp - Tests of Safetensors.cpp ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/Safetensors.h"

#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace gemma;
using namespace gemma::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The error of a file with this header and `dataSize` bytes after it.
static std::string errorOf(const std::string &header, size_t dataSize) {
  Result<SafetensorsHeader> parsed = parseSafetensors(
      withHeaderSize(header) + std::string(dataSize, '\0'), "f");
  if (parsed) {
    return "no error";
  }
  EXPECT_EQ(parsed.error().code, ErrorCode::InvalidData);
  EXPECT_EQ(parsed.error().message.find('\n'), std::string::npos);
  return parsed.error().message;
}

static std::string entry(const std::string &name, const std::string &dtype,
                         const std::string &shape, const std::string &offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

TEST(SafetensorsTest, ReadsTensorsSortedByName) {
  std::string file = safetensors({{"b", "F32", {2, 3}}, {"a", "BF16", {5}}});
  Result<SafetensorsHeader> header = parseSafetensors(file, "f");
  ASSERT_TRUE(header) << header.error().message;
  ASSERT_EQ(header->tensors.size(), 2u);
  EXPECT_EQ(header->tensors[0].name, "a");
  const TensorEntry *b = header->find("b");
  ASSERT_TRUE(b);
  EXPECT_EQ(b->describe(), "F32 [2, 3]");
  EXPECT_THAT(b->shape, ElementsAre(2, 3));
  EXPECT_EQ(b->begin, 0u);
  EXPECT_EQ(b->end, 24u);
  EXPECT_EQ(header->find("c"), nullptr);
  EXPECT_EQ(header->dataOffset + 34, file.size());
}

TEST(SafetensorsTest, OpensAFile) {
  TemporaryFolder folder;
  writeFile(folder / "x.safetensors", safetensors({{"a", "F32", {3}}}));
  Result<SafetensorsFile> file =
      SafetensorsFile::open(folder / "x.safetensors");
  ASSERT_TRUE(file);
  const TensorEntry *a = file->getHeader().find("a");
  std::string_view bytes = file->bytesOf(*a);
  EXPECT_EQ(bytes.substr(4, 4), encodeValue("F32", testValue(1)));
  file->release(*a, 0, 12);
  EXPECT_FALSE(SafetensorsFile::open(folder / "y.safetensors"));
}

TEST(SafetensorsTest, AcceptsScalarsEmptyTensorsAndPadding) {
  EXPECT_EQ(errorOf("{" + entry("a", "F32", "[]", "[0,4]") + "," +
                        entry("b", "I8", "[0, 99]", "[4,4]") + "}    ",
                    4),
            "no error");
  EXPECT_EQ(errorOf("{}", 0), "no error");
}

TEST(SafetensorsTest, RefusesHeadersThatAreNone) {
  EXPECT_THAT(parseSafetensors("1234567", "f").error().message,
              HasSubstr("expected a safetensors file, found 7 bytes"));
  EXPECT_THAT(parseSafetensors("", "f").error().message, HasSubstr("0 bytes"));
  EXPECT_THAT(errorOf("", 4), HasSubstr("expected a JSON object"));
  EXPECT_THAT(errorOf(" {}", 0), HasSubstr("expected a JSON object"));
  EXPECT_THAT(errorOf("[]", 0), HasSubstr("expected a JSON object"));
  EXPECT_THAT(errorOf("{", 0), HasSubstr("expected JSON"));
  EXPECT_THAT(errorOf("{}x", 0), HasSubstr("expected JSON"));
  EXPECT_THAT(errorOf("{\"a\xff\":1}", 0), HasSubstr("expected JSON"));
  std::string huge(16, '\xff');
  EXPECT_THAT(parseSafetensors(huge, "f").error().message,
              HasSubstr("at most 100000000 bytes"));
  std::string past = withHeaderSize("{}");
  past[0] = 3;
  EXPECT_THAT(parseSafetensors(past, "f").error().message,
              HasSubstr("expected 3 bytes, found 2"));
  EXPECT_THAT(
      parseSafetensors("version https://git-lfs.github.com/spec/v1\n", "f")
          .error()
          .message,
      HasSubstr("git-lfs pointer"));
}

TEST(SafetensorsTest, RefusesDepth) {
  EXPECT_THAT(errorOf("{\"a\":" + std::string(1000000, '['), 0),
              HasSubstr("nested at most 4"));
  EXPECT_THAT(errorOf("{\"a\":{\"shape\":[[1]]}}", 0),
              HasSubstr("expected numbers of elements, found a list"));
}

TEST(SafetensorsTest, RefusesLongTokens) {
  EXPECT_THAT(errorOf("{\"" + std::string(2000000, 'a') + "\":1}", 0),
              HasSubstr("strings and numbers of at most"));
}

TEST(SafetensorsTest, ChecksEntries) {
  struct Case {
    std::string header;
    const char *message;
  };
  const Case kCases[] = {
      {"{\"a\":1}", "'a': expected an object, found 1"},
      {"{\"a\":null}", "'a': expected an object, found null"},
      {"{\"a\":[]}", "'a': expected an object, found a list"},
      {"{\"a\":{}}", "'a': dtype: expected one, found none"},
      {"{\"a\":{\"dtype\":\"F32\"}}", "shape: expected one, found none"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
       "data_offsets: expected one, found none"},
      {"{\"a\":{\"dtype\":\"F33\"}}", "dtype: expected a type of the "
                                      "safetensors format, found 'F33'"},
      {"{\"a\":{\"dtype\":3}}", "dtype: expected a string, found 3"},
      {"{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}",
       "dtype: expected it once, found it twice"},
      {"{\"a\":{\"name\":\"x\"}}", "'name': expected dtype, shape or"},
      {"{\"a\":{\"shape\":1}}", "shape: expected a list, found 1"},
      {"{\"a\":{\"shape\":{}}}", "shape: expected a list, found an object"},
      {"{\"a\":{\"shape\":[-1]}}", "numbers of elements, found -1"},
      {"{\"a\":{\"shape\":[1.5]}}", "numbers of elements, found '1.5'"},
      {"{\"a\":{\"shape\":[true]}}", "numbers of elements, found a boolean"},
      {"{\"a\":{\"shape\":[9223372036854775808]}}", "found 92233720368547"},
      {"{\"a\":{\"shape\":[1,1,1,1,1,1,1,1,1]}}", "at most 8 dimensions"},
      {"{\"a\":{\"data_offsets\":[0]}}", "expected two numbers, found 1"},
      {"{\"a\":{\"data_offsets\":[0,1,2]}}", "two numbers of bytes, found 2"},
      {"{\"a\":{\"data_offsets\":\"x\"}}", "expected a list, found 'x'"},
      {"{\"__metadata__\":1}", "__metadata__: expected an object"},
      {"{\"__metadata__\":{\"a\":1}}", "__metadata__: expected strings"},
      {"{\"__metadata__\":{},\"__metadata__\":{}}", "found it twice"},
      {"{" + entry("a", "F32", "[1]", "[0,4]") + "," +
           entry("a", "F32", "[1]", "[4,8]") + "}",
       "'a': expected each tensor once"},
  };
  for (const Case &each : kCases) {
    EXPECT_THAT(errorOf(each.header, 8), HasSubstr(each.message))
        << each.header;
  }
}

TEST(SafetensorsTest, ChecksTheLayout) {
  auto two = [](const char *first, const char *second) {
    return errorOf("{" + entry("a", "F32", "[2]", first) + "," +
                       entry("b", "F32", "[2]", second) + "}",
                   16);
  };
  EXPECT_EQ(two("[0,8]", "[8,16]"), "no error");
  EXPECT_EQ(two("[8,16]", "[0,8]"), "no error");
  EXPECT_THAT(two("[0,8]", "[4,12]"), HasSubstr("they overlap"));
  EXPECT_THAT(two("[0,8]", "[0,8]"), HasSubstr("they overlap"));
  EXPECT_THAT(errorOf("{" + entry("a", "F32", "[2]", "[4,12]") + "}", 12),
              HasSubstr("there is a hole"));
  EXPECT_THAT(two("[0,8]", "[16,24]"), HasSubstr("a range of the file's 16"));
  EXPECT_THAT(two("[8,0]", "[8,16]"), HasSubstr("a range of the file's"));
  EXPECT_THAT(two("[0,9]", "[9,16]"), HasSubstr("8 bytes for F32 [2]"));
  EXPECT_THAT(two("[0,8]", "[18446744073709551608,18446744073709551615]"),
              HasSubstr("a range of the file's"));
  EXPECT_THAT(errorOf("{" + entry("a", "F32", "[2]", "[0,8]") + "}", 9),
              HasSubstr("expected 8 bytes of data"));
}

TEST(SafetensorsTest, ShapesDoNotOverflow) {
  auto shape = [](const char *text) {
    return errorOf("{" + entry("a", "F32", text, "[0,0]") + "}", 0);
  };
  EXPECT_THAT(shape("[4294967296,4294967296]"),
              HasSubstr("a whole number of bytes, 64-bit"));
  EXPECT_THAT(shape("[9223372036854775807,2]"),
              HasSubstr("a whole number of bytes, 64-bit"));
  EXPECT_EQ(shape("[0,9223372036854775807,9]"), "no error");
  EXPECT_THAT(errorOf("{" + entry("a", "F4", "[3]", "[0,1]") + "}", 1),
              HasSubstr("a whole number of bytes"));
}

TEST(SafetensorsTest, EveryTruncationIsAnError) {
  std::string file = safetensors({{"b", "F32", {2, 3}}, {"a", "BF16", {5}}});
  for (size_t size = 0; size < file.size(); ++size) {
    // A copy of exactly that size, for the sanitizer to guard its end.
    std::vector<char> part(file.begin(), file.begin() + size);
    EXPECT_FALSE(parseSafetensors({part.data(), part.size()}, "f")) << size;
  }
}

TEST(SafetensorsTest, EveryFlippedBitIsReadOrRefused) {
  const std::string file =
      safetensors({{"b", "F32", {2, 3}}, {"a", "BF16", {5}}});
  size_t refused = 0, header = file.size() - 34;
  for (size_t bit = 0; bit < header * 8; ++bit) {
    std::string bad = file;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    Result<SafetensorsHeader> parsed = parseSafetensors(bad, "f");
    refused += !parsed;
    if (parsed) {
      for (const TensorEntry &tensor : parsed->tensors) {
        EXPECT_LE(parsed->dataOffset + tensor.end, bad.size());
      }
    }
  }
  // Only names of tensors and metadata can change unnoticed.
  EXPECT_GT(refused, header * 8 * 3 / 4);
}
