//===- GgmlTypesTest.cpp - Tests of GgmlTypes.cpp -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/GgmlTypes.h"

#include "runtime/core/HalfFloat.h"
#include "gtest/gtest.h"

#include <cstring>
#include <string>
#include <vector>

using namespace gemma;

namespace {
/// One block that is zero but for what is set.
class TestBlock {
public:
  explicit TestBlock(const char *name)
      : type(*findGgmlType(std::string_view(name))), bytes(type.bytes, '\0') {}

  TestBlock &half(size_t at, float value) {
    uint16_t bits = toHalf(value);
    std::memcpy(bytes.data() + at, &bits, sizeof bits);
    return *this;
  }
  TestBlock &byte(size_t at, int value) {
    bytes[at] =
        static_cast<char>(static_cast<unsigned char>(bytes[at]) | value);
    return *this;
  }
  std::vector<float> values() const {
    std::vector<float> out(type.elements, -777.0f);
    dequantize(type, bytes.data(), 1, out.data());
    return out;
  }

  const GgmlType &type;
  std::string bytes;
};
} // namespace

/// That element `place` is `value` and all others are `other`.
static void expectOnly(const TestBlock &block, size_t place, float value,
                       float other) {
  std::vector<float> values = block.values();
  for (size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(values[i], i == place ? value : other)
        << block.type.name << " " << i;
  }
}

TEST(GgmlTypesTest, Table) {
  EXPECT_EQ(findGgmlType(uint32_t(4)), nullptr);
  EXPECT_EQ(findGgmlType(std::string_view("Q4_2")), nullptr);
  EXPECT_STREQ(findGgmlType(uint32_t(14))->name, "Q6_K");
  std::string readable = describeReadableTypes();
  for (uint32_t number = 0; number < 100; ++number) {
    const GgmlType *type = findGgmlType(number);
    if (type) {
      EXPECT_EQ(findGgmlType(std::string_view(type->name)), type);
      EXPECT_EQ(type->convert != nullptr,
                (", " + readable).find(std::string(" ") + type->name) !=
                    std::string::npos)
          << type->name;
    }
  }
}

TEST(GgmlTypesTest, Floats) {
  const float kF32[] = {1.5f, -0.0f};
  float out[2];
  dequantize(*findGgmlType(uint32_t(0)), reinterpret_cast<const char *>(kF32),
             2, out);
  EXPECT_EQ(std::memcmp(out, kF32, sizeof out), 0);
  const uint16_t kF16[] = {0x3c00, 0xc100};
  dequantize(*findGgmlType(uint32_t(1)), reinterpret_cast<const char *>(kF16),
             2, out);
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_EQ(out[1], -2.5f);
  const uint16_t kBf16[] = {0x3f80, 0xc020};
  dequantize(*findGgmlType(uint32_t(30)), reinterpret_cast<const char *>(kBf16),
             2, out);
  EXPECT_EQ(out[0], 1.0f);
  EXPECT_EQ(out[1], -2.5f);
}

TEST(GgmlTypesTest, SeveralBlocks) {
  TestBlock first("Q4_0"), second("Q4_0");
  std::string two =
      first.half(0, 2).byte(2, 0x0f).bytes + second.half(0, 4).bytes;
  float out[64];
  dequantize(first.type, two.data(), 2, out);
  EXPECT_EQ(out[0], 14.0f);
  EXPECT_EQ(out[1], -16.0f);
  EXPECT_EQ(out[32], -32.0f);
  EXPECT_EQ(out[63], -32.0f);
}

TEST(GgmlTypesTest, BlocksOf32ByElement) {
  for (int e = 0; e < 32; ++e) {
    int shift = e < 16 ? 0 : 4;
    expectOnly(TestBlock("Q8_0").half(0, 0.5f).byte(2 + e, 0x80), e, -64, 0);
    expectOnly(TestBlock("Q4_0").half(0, 0.5f).byte(2 + e % 16, 13 << shift), e,
               2.5f, -4);
    expectOnly(TestBlock("Q4_1").half(0, 0.5f).half(2, 10).byte(4 + e % 16,
                                                                13 << shift),
               e, 16.5f, 10);
    expectOnly(TestBlock("Q5_0").half(0, 0.5f).byte(6 + e % 16, 13 << shift), e,
               -1.5f, -8);
    expectOnly(TestBlock("Q5_0").half(0, 0.5f).byte(2 + e / 8, 1 << e % 8), e,
               0, -8);
    expectOnly(TestBlock("Q5_1").half(0, 0.5f).half(2, 10).byte(8 + e % 16,
                                                                13 << shift),
               e, 16.5f, 10);
    expectOnly(
        TestBlock("Q5_1").half(0, 0.5f).half(2, 10).byte(4 + e / 8, 1 << e % 8),
        e, 18, 10);
  }
}

TEST(GgmlTypesTest, BlocksOf256ByElement) {
  for (int e = 0; e < 256; ++e) {
    int sub = e / 32, shift = sub % 2 * 4, code = sub / 2 * 32 + e % 32;
    for (const char *name : {"Q4_K", "Q5_K"}) {
      TestBlock block(name);
      size_t codes = block.type.bytes - 128;
      block.half(0, 0.5f).half(2, 1.0f);
      // Scales 1 and minima 2 in all sub-blocks.
      for (int j = 0; j < 4; ++j) {
        block.byte(4 + j, 1).byte(8 + j, 2).byte(12 + j, 0x21);
      }
      expectOnly(TestBlock(block).byte(codes + code, 13 << shift), e, 4.5f, -2);
      if (codes == 48) {
        expectOnly(TestBlock(block).byte(16 + e % 32, 1 << sub), e, 6, -2);
      }
    }
    int half = e / 128, row = e % 128 / 32, place = e % 32;
    TestBlock block("Q6_K");
    block.half(208, 0.5f);
    for (int j = 0; j < 16; ++j) {
      block.byte(192 + j, 0xfe); // -2
    }
    expectOnly(TestBlock(block).byte(64 * half + row % 2 * 32 + place,
                                     13 << row / 2 * 4),
               e, 19, 32);
    expectOnly(TestBlock(block).byte(128 + 32 * half + place, 3 << 2 * row), e,
               -16, 32);
  }
}

TEST(GgmlTypesTest, ScalesOfSubBlocks) {
  // 6 bits each: sub-blocks 0 to 3 in the low bits of bytes 0 to 3 (minima 4 to
  // 7), 4 to 7 in the nibbles of bytes 8 to 11 and the high bits of the first.
  for (int j = 0; j < 8; ++j) {
    for (int bit = 0; bit < 6; ++bit) {
      size_t scale = j < 4 ? 4 + j : bit < 4 ? 8 + j : j;
      int at = j < 4 || bit < 4 ? bit : bit + 2;
      TestBlock block("Q4_K");
      block.half(0, 1).half(2, 1).byte(scale, 1 << at);
      for (int i = 0; i < 128; ++i) {
        block.byte(16 + i, 0x11);
      }
      size_t minimum = j < 4 ? 8 + j : bit < 4 ? 8 + j : 4 + j;
      TestBlock low("Q4_K");
      low.half(0, 1).half(2, 1).byte(minimum, 1 << (j < 4     ? bit
                                                    : bit < 4 ? bit + 4
                                                              : bit + 2));
      std::vector<float> values = block.values(), minima = low.values();
      for (int e = 0; e < 256; ++e) {
        float expected = e / 32 == j ? static_cast<float>(1 << bit) : 0;
        ASSERT_EQ(values[e], expected) << j << " " << bit << " " << e;
        ASSERT_EQ(minima[e], -expected) << j << " " << bit << " " << e;
      }
    }
  }
  for (int j = 0; j < 16; ++j) {
    TestBlock block("Q6_K");
    std::vector<float> values =
        block.half(208, 1).byte(192 + j, 0x81).values(); // -127
    for (int e = 0; e < 256; ++e) {
      ASSERT_EQ(values[e], e / 16 == j ? 127.0f * 32 : 0.0f);
    }
  }
}
