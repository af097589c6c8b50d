//===- PanelBlocksTest.cpp - Blocks of a file into panels -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/PanelBlocks.h"

#include "runtime/core/HalfFloat.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

using namespace mlir::gemma;
using ::gemma::findGgmlType;
using ::gemma::GgmlType;
using ::gemma::WeightLayout;

namespace {

/// Rows of random blocks with finite scales.
std::string randomBlocks(const GgmlType &type, uint64_t rows,
                         uint64_t columns) {
  std::string bytes;
  uint32_t state = 12345;
  for (uint64_t i = 0; i < rows * columns / type.elements * type.bytes; ++i) {
    state = state * 1664525 + 1013904223;
    bytes += static_cast<char>(state >> 24);
  }
  for (uint64_t block = 0; block < bytes.size(); block += type.bytes) {
    bytes[block + 1] = static_cast<char>(bytes[block + 1] & 0xbf);
  }
  return bytes;
}

/// Every bit of every value, that of zeros' signs too.
void expectSameValues(const char *name, WeightLayout layout, uint64_t rows,
                      uint64_t columns) {
  const GgmlType &type = *findGgmlType(std::string_view(name));
  ASSERT_TRUE(takesBlocks(type, layout));
  std::string bytes = randomBlocks(type, rows, columns);
  std::vector<float> values(rows * columns);
  ::gemma::dequantize(type, bytes.data(),
                      static_cast<int64_t>(values.size() / type.elements),
                      values.data());
  // What is padding must be written, not left.
  std::vector<unsigned char> panel(::gemma::panelBytes(layout, columns), 0xee);
  ASSERT_FALSE(
      packBlocks(type, layout, {bytes.data(), rows, columns}, panel.data()));
  uint64_t padded = (columns + 63) / 64 * 64;
  std::vector<float> row(padded);
  for (uint64_t r = 0; r < ::gemma::kPanelRows; ++r) {
    ::gemma::decodePanelRow(layout, panel.data(), r, padded, row.data());
    for (uint64_t k = 0; k < padded; ++k) {
      float expected = r < rows && k < columns ? values[r * columns + k] : 0;
      ASSERT_EQ(std::memcmp(&row[k], &expected, sizeof expected), 0)
          << name << " row " << r << " column " << k << ": " << row[k]
          << ", not " << expected;
    }
  }
}

TEST(PanelBlocksTest, ValuesStayBitForBit) {
  for (auto [rows, columns] : {std::pair<uint64_t, uint64_t>(16, 64),
                               {16, 96},
                               {7, 32},
                               {1, 160},
                               {15, 256}}) {
    expectSameValues("Q8_0", WeightLayout::Q8Panel, rows, columns);
    expectSameValues("Q5_0", WeightLayout::Q8Panel, rows, columns);
    expectSameValues("Q4_0", WeightLayout::Q8Panel, rows, columns);
    expectSameValues("Q4_0", WeightLayout::Q4Panel, rows, columns);
  }
}

TEST(PanelBlocksTest, OthersAreNotTakenOver) {
  const WeightLayout kLayouts[] = {
      WeightLayout::F32Rows,   WeightLayout::F32Panel, WeightLayout::F16Panel,
      WeightLayout::Bf16Panel, WeightLayout::Q8Panel,  WeightLayout::Q4Panel};
  int taken = 0;
  for (uint32_t number = 0; number < 50; ++number) {
    const GgmlType *type = findGgmlType(number);
    for (WeightLayout layout : kLayouts) {
      taken += type && takesBlocks(*type, layout);
    }
  }
  EXPECT_EQ(taken, 4);
}

TEST(PanelBlocksTest, FindsTheFirstBadScale) {
  const GgmlType &type = *findGgmlType(std::string_view("Q8_0"));
  std::vector<unsigned char> panel(
      ::gemma::panelBytes(WeightLayout::Q8Panel, 96));
  for (auto [scale, q, value] :
       {std::tuple<uint16_t, int, float>(0x7c00, 3, INFINITY),
        {0xfc00, 3, -INFINITY},
        {0x7c00, 0, NAN},
        {0x7e00, 3, NAN}}) {
    std::string bytes = randomBlocks(type, 5, 96);
    for (int block : {3 * 3 + 1, 4 * 3}) {
      std::memcpy(bytes.data() + block * 34, &scale, sizeof scale);
      bytes[block * 34 + 2] = static_cast<char>(q);
    }
    auto bad = packBlocks(type, WeightLayout::Q8Panel, {bytes.data(), 5, 96},
                          panel.data());
    ASSERT_TRUE(bad);
    EXPECT_EQ(bad->row, 3u);
    EXPECT_EQ(bad->column, 32u);
    EXPECT_TRUE(std::isnan(value) ? std::isnan(bad->value)
                                  : bad->value == value);
  }
}

} // namespace
