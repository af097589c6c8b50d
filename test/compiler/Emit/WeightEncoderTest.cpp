//===- WeightEncoderTest.cpp - Rows in every encoding ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/WeightEncoder.h"
#include "test/compiler/TestingModule.h"

#include "compiler/Import/WeightStore.h"
#include "runtime/artifact/Encoding.h"
#include "runtime/core/HalfFloat.h"
#include "runtime/exec/StubWeights.h"

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
    EXPECT_FALSE(encoder.encode(values.data(), rows,
                                reinterpret_cast<char *>(out.data())));
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

TEST_F(WeightEncoderTest, RoundsToNearestEven) {
  WeightEncoder encoder(
      EncodingAttr::get(context.get(), EncodingKind::BF16, 16), 1, 4);
  // 1 + 2^-8 lies between two bf16 numbers: to the even one. So does 1 + 3 *
  // 2^-8.
  float values[] = {1.00390625f, 1.01171875f, 1.0039064f, -0.0f};
  uint16_t out[4 * 16];
  EXPECT_FALSE(encoder.encode(values, 1, reinterpret_cast<char *>(out)));
  auto at = [&](int64_t k) { return out[k / 2 * 32 + k % 2]; };
  EXPECT_EQ(at(0), 0x3f80);
  EXPECT_EQ(at(1), 0x3f82);
  EXPECT_EQ(at(2), 0x3f81);
  EXPECT_EQ(at(3), 0x8000);
}

TEST_F(WeightEncoderTest, F16Panels) {
  for (auto [rows, columns] : {std::pair(16, 4), {33, 5}, {1, 1}}) {
    auto out = encode<uint16_t>(EncodingKind::F16, 16, rows, columns);
    size_t i = 0;
    for (int64_t p = 0; p < (rows + 15) / 16; ++p) {
      for (int64_t k = 0; k < columns; ++k) {
        for (int64_t j = 0; j < 16; ++j, ++i) {
          ASSERT_EQ(out[i],
                    ::gemma::toHalf(expected(16 * p + j, k, rows, columns)));
        }
      }
    }
  }
}

TEST_F(WeightEncoderTest, QuantisedPanelsHoldNearValuesAndZeros) {
  for (auto [kind, layout] :
       {std::pair(EncodingKind::Q8_0, ::gemma::WeightLayout::Q8Panel),
        {EncodingKind::Q4_0, ::gemma::WeightLayout::Q4Panel}}) {
    for (auto [rows, columns] : {std::pair(16, 64), {33, 70}, {1, 1}}) {
      auto out = encode<unsigned char>(kind, 16, rows, columns);
      uint64_t padded = (columns + 63) / 64 * 64;
      uint64_t bytes = out.size() / ((rows + 15) / 16);
      std::vector<float> row(padded);
      for (int64_t n = 0; n < (rows + 15) / 16 * 16; ++n) {
        ::gemma::decodePanelRow(layout, out.data() + n / 16 * bytes, n % 16,
                                padded, row.data());
        for (size_t k = 0; k < padded; ++k) {
          float exact = expected(n, k, rows, columns);
          float step = kind == EncodingKind::Q8_0 ? 1 / 200.0f : 1 / 10.0f;
          ASSERT_NEAR(row[k], exact, (100 * n + columns) * step * (exact != 0));
        }
      }
    }
  }
}

TEST_F(WeightEncoderTest, FindsTheFirstValueThatItCannotHold) {
  std::vector<float> values(7 * 1000, 1.0f);
  std::vector<char> out(16 * 1024 * 4);
  auto encode = [&](EncodingKind kind) {
    return WeightEncoder(EncodingAttr::get(context.get(), kind, 16), 7, 1000)
        .encode(values.data(), 7, out.data());
  };
  values[6 * 1000 + 999] = NAN;
  values[5 * 1000 + 123] = -66000;
  for (auto kind : {EncodingKind::F32, EncodingKind::BF16, EncodingKind::Q8_0,
                    EncodingKind::Q4_0}) {
    auto bad = encode(kind);
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->row, 6);
    EXPECT_EQ(bad->column, 999);
    EXPECT_TRUE(std::isnan(bad->value));
  }
  auto bad = encode(EncodingKind::F16);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->row, 5);
  EXPECT_EQ(bad->column, 123);
  EXPECT_EQ(bad->value, -66000);
  values[6 * 1000 + 999] = 65519;
  values[5 * 1000 + 123] = 0;
  EXPECT_FALSE(encode(EncodingKind::F16));
}

/// An artifact of random weights has the bytes that its stub would fill in.
TEST_F(WeightEncoderTest, RandomWeightsAreThoseOfAStub) {
  constexpr int64_t kRows = 37, kColumns = 300;
  const char *text = R"(
    module attributes {gemma.options = {weights = "q4_0", q4_0_rule = "mse",
        max_rows = 1 : i64, triple = "", cpu = "", features = [],
        stub = false}} {
      gemma.weight @w : tensor<37x300xf32>
          from #gemma.random<seed = 9, bound = 0.25 : f64>
    })";
  auto module = mlir::gemma::testing::parse(*context, text);
  ASSERT_TRUE(module);
  WeightOp weight = *module->getOps<WeightOp>().begin();
  auto store = WeightStore::open(*module);
  ASSERT_TRUE(static_cast<bool>(store));
  std::vector<float> values(kRows * kColumns);
  ASSERT_TRUE(
      static_cast<bool>(store->readRows(weight, 0, kRows, values.data())));
  for (auto kind : {EncodingKind::F32, EncodingKind::F16, EncodingKind::BF16,
                    EncodingKind::Q8_0, EncodingKind::Q4_0}) {
    auto encoding = EncodingAttr::get(context.get(), kind, 16);
    WeightEncoder encoder(encoding, kRows, kColumns, getQ4Rule(weight));
    std::string packed(encoder.getGroups() * encoder.getGroupBytes(), 1);
    ASSERT_FALSE(encoder.encode(values.data(), kRows, packed.data()));
    auto layout = *::gemma::weightLayout(
        std::string_view(stringifyEncodingKind(kind)), 16);
    ::gemma::RandomWeights random(9, "w", 0.25);
    std::string filled(packed.size(), 2);
    auto *out = reinterpret_cast<unsigned char *>(filled.data());
    for (uint64_t panel = 0; panel < 3; ++panel) {
      out +=
          ::gemma::fillPiece(random, layout, kRows, {panel, 0, kColumns}, out);
    }
    EXPECT_TRUE(packed == filled) << stringifyEncodingKind(kind).str();
  }
}

TEST_F(WeightEncoderTest, RuleOfQ4) {
  auto ruleOf = [&](const char *source, const char *option) {
    std::string text =
        std::string("module attributes {gemma.checkpoint = \"c\", "
                    "gemma.options = {weights = \"q4_0\", max_rows = 1 : "
                    "i64, triple = \"\", cpu = \"\", features = [], stub "
                    "= false") +
        option + "}} { gemma.weight @w : tensor<4x4xf32>" + source + " }";
    auto module = mlir::gemma::testing::parse(*context, text);
    return getQ4Rule(*module->getOps<WeightOp>().begin());
  };
  const char *tensor = " from #gemma.tensor<\"f\", \"t\">";
  using ::gemma::Q4Rule;
  EXPECT_EQ(ruleOf(tensor, ""), Q4Rule::Mse);
  EXPECT_EQ(ruleOf(tensor, ", q4_0_rule = \"mse\""), Q4Rule::Mse);
  EXPECT_EQ(ruleOf(tensor, ", q4_0_rule = \"ggml\""), Q4Rule::Ggml);
  EXPECT_EQ(ruleOf(" from #gemma.random<seed = 1, bound = 1.0 : f64>",
                   ", q4_0_rule = \"mse\""),
            Q4Rule::Ggml);
}

} // namespace
