//===- WeightEncoderTest.cpp - Rows in every encoding ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/WeightEncoder.h"
#include "test/compiler/TestingModule.h"

#include "runtime/artifact/Encoding.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::gemma;

namespace {

class WeightEncoderTest : public ::testing::Test {
protected:
  /// Encodes value(row, column) = 100 * row + column + 1.
  template <typename T>
  std::vector<T> encode(EncodingKind kind, int64_t panel, int64_t rows,
                        int64_t columns) {
    auto encoding = EncodingAttr::get(context.get(), kind, panel);
    WeightEncoder encoder(encoding, rows, columns);
    std::vector<float> values;
    for (int64_t n = 0; n < rows; ++n) {
      for (int64_t k = 0; k < columns; ++k) {
        values.push_back(100 * n + k + 1);
      }
    }
    int64_t bytes = encoder.getGroups() * encoder.getGroupBytes();
    EXPECT_EQ(bytes, encoding.getPackedBytes({rows, columns}));
    // What is padding must be written, not left.
    std::vector<T> out(bytes / sizeof(T), T(-1));
    encoder.encode(values.data(), rows, reinterpret_cast<char *>(out.data()));
    return out;
  }

  std::unique_ptr<MLIRContext> context = mlir::gemma::testing::makeContext();
};

float expected(int64_t n, int64_t k, int64_t rows, int64_t columns) {
  return n < rows && k < columns ? 100 * n + k + 1 : 0;
}

TEST_F(WeightEncoderTest, F32Panels) {
  for (auto [rows, columns] : {std::pair(16, 4), {33, 5}, {1, 1}, {31, 7}}) {
    auto out = encode<float>(EncodingKind::F32, 16, rows, columns);
    size_t i = 0;
    for (int64_t p = 0; p < (rows + 15) / 16; ++p) {
      for (int64_t k = 0; k < columns; ++k) {
        for (int64_t j = 0; j < 16; ++j, ++i) {
          ASSERT_EQ(out[i], expected(16 * p + j, k, rows, columns));
        }
      }
    }
    EXPECT_EQ(i, out.size());
  }
}

TEST_F(WeightEncoderTest, Bf16PanelsHoldPairs) {
  for (auto [rows, columns] : {std::pair(16, 4), {33, 5}, {1, 1}, {31, 7}}) {
    auto out = encode<uint16_t>(EncodingKind::BF16, 16, rows, columns);
    size_t i = 0;
    for (int64_t p = 0; p < (rows + 15) / 16; ++p) {
      for (int64_t k = 0; k < columns; k += 2) {
        for (int64_t j = 0; j < 16; ++j) {
          for (int64_t half = 0; half < 2; ++half, ++i) {
            ASSERT_EQ(out[i], ::gemma::toBf16(expected(16 * p + j, k + half,
                                                       rows, columns)));
          }
        }
      }
    }
    EXPECT_EQ(i, out.size());
  }
}

TEST_F(WeightEncoderTest, RowsStayRows) {
  auto out = encode<float>(EncodingKind::F32, 0, 3, 5);
  for (size_t i = 0; i < 15; ++i) {
    EXPECT_EQ(out[i], expected(i / 5, i % 5, 3, 5));
  }
}

TEST_F(WeightEncoderTest, RoundsToNearestEvenAndKeepsNan) {
  WeightEncoder encoder(
      EncodingAttr::get(context.get(), EncodingKind::BF16, 16), 1, 6);
  // 1 + 2^-8 lies between two bf16 numbers: to the even one. So does 1 + 3 *
  // 2^-8.
  float values[] = {1.00390625f, 1.01171875f, 1.0039064f, INFINITY, -0.0f, NAN};
  uint16_t out[6 * 16];
  encoder.encode(values, 1, reinterpret_cast<char *>(out));
  auto at = [&](int64_t k) { return out[k / 2 * 32 + k % 2]; };
  EXPECT_EQ(at(0), 0x3f80);
  EXPECT_EQ(at(1), 0x3f82);
  EXPECT_EQ(at(2), 0x3f81);
  EXPECT_EQ(at(3), 0x7f80);
  EXPECT_EQ(at(4), 0x8000);
  EXPECT_GT(at(5) & 0x7fff, 0x7f80);
}

} // namespace
