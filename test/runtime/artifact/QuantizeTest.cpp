//===- QuantizeTest.cpp - Rows of weights in q8_0 and q4_0 ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/artifact/Quantize.h"

#include "runtime/artifact/Encoding.h"
#include "runtime/core/HalfFloat.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace gemma;

namespace {

/// A block as the format's definition has it.
struct Block {
  uint16_t scale = 0;
  int q[32] = {};

  double error(const float *x) const {
    double sum = 0;
    for (int k = 0; k < 32; ++k) {
      double rest = x[k] - double(fromHalf(scale)) * q[k];
      sum += rest * rest;
    }
    return sum;
  }
  bool operator==(const Block &other) const {
    return scale == other.scale && std::equal(q, q + 32, other.q);
  }
};

/// ggml's quantize_row_q8_0_ref, but q = 0 where the scale is.
Block q8ByGgml(const float *x) {
  Block block;
  float largest = 0;
  for (int k = 0; k < 32; ++k) {
    largest = std::max(largest, std::fabs(x[k]));
  }
  volatile float d = largest / 127;
  block.scale = toHalf(d);
  volatile float inverse = block.scale & 0x7fff ? 1 / d : 0;
  for (int k = 0; k < 32; ++k) {
    volatile float product = x[k] * inverse;
    block.q[k] = static_cast<int>(std::round(product));
  }
  return block;
}

/// ggml's quantize_row_q4_0_ref, with the same exception.
Block q4ByGgml(const float *x) {
  Block block;
  float largest = 0, signedLargest = 0;
  for (int k = 0; k < 32; ++k) {
    if (std::fabs(x[k]) > largest) {
      largest = std::fabs(x[k]);
      signedLargest = x[k];
    }
  }
  volatile float d = signedLargest / -8 + 0.0f;
  block.scale = toHalf(d);
  volatile float inverse = block.scale & 0x7fff ? 1 / d : 0;
  for (int k = 0; k < 32; ++k) {
    volatile float product = x[k] * inverse;
    volatile float sum = product + 8.5f;
    block.q[k] = std::min(15, static_cast<int>(sum)) - 8;
  }
  return block;
}

/// Block `number` of row `row`, from the bytes of a panel.
Block unpack(bool isQ8, const unsigned char *panel, uint64_t row,
             uint64_t number) {
  const unsigned char *bytes =
      panel + number / 2 * (isQ8 ? 64 + 16 * 64 : 64 + 16 * 32);
  Block block;
  std::memcpy(&block.scale, bytes + (number % 2 * 16 + row) * 2, 2);
  for (uint64_t k = 0; k < 32; ++k) {
    uint64_t step = number % 2 * 8 + k / 4;
    if (isQ8) {
      block.q[k] = bytes[64 + (step * 16 + row) * 4 + k % 4] - 128;
    } else {
      int both = bytes[64 + (step / 2 * 16 + row) * 4 + k % 4];
      block.q[k] = (step % 2 ? both >> 4 : both & 15) - 8;
    }
  }
  return block;
}

/// Rows of a weight with what quantisers may trip over.
std::vector<float> makeValues(uint64_t rows, uint64_t columns) {
  std::mt19937 generator(7);
  std::normal_distribution<float> normal;
  std::vector<float> values(rows * columns);
  for (uint64_t i = 0; i < values.size(); ++i) {
    // Blocks of all sizes, down to where f16 has subnormals and zero.
    uint64_t block = i / 32;
    float size = std::ldexp(1.0f, -int(block % 40) + 8);
    values[i] = normal(generator) * size;
    switch (block % 11) {
    case 3:
      values[i] = 0;
      break;
    case 5: // ties between magnitudes and between integers
      values[i] = float(int(generator() % 33) - 16) * size / 16;
      break;
    case 7: // one outlier
      values[i] *= i % 32 == 13 ? 30.0f : 1.0f;
      break;
    }
  }
  return values;
}

/// The 32 values of a block, zeros beyond the row.
std::vector<float> blockOf(const std::vector<float> &values, uint64_t columns,
                           uint64_t row, uint64_t number) {
  std::vector<float> block(32);
  for (uint64_t k = 0; k < 32 && number * 32 + k < columns; ++k) {
    block[k] = values[row * columns + number * 32 + k];
  }
  return block;
}

struct Shape {
  uint64_t rows, columns;
};
constexpr Shape kShapes[] = {{16, 2048}, {16, 64}, {16, 130}, {1, 1},
                             {5, 33},    {15, 96}, {16, 31}};

} // namespace

TEST(QuantizeTest, Q8FollowsGgml) {
  for (auto [rows, columns] : kShapes) {
    std::vector<float> values = makeValues(rows, columns);
    std::vector<unsigned char> bytes((columns + 63) / 64 * kQ8SuperblockBytes,
                                     0xee);
    quantizeQ8({values.data(), columns, rows, columns}, bytes.data());
    for (uint64_t row = 0; row < rows; ++row) {
      for (uint64_t b = 0; b < (columns + 31) / 32; ++b) {
        auto x = blockOf(values, columns, row, b);
        ASSERT_TRUE(unpack(true, bytes.data(), row, b) == q8ByGgml(x.data()))
            << "row " << row << ", block " << b << " of " << columns;
      }
    }
  }
}

TEST(QuantizeTest, Q4FollowsGgml) {
  for (auto [rows, columns] : kShapes) {
    std::vector<float> values = makeValues(rows, columns);
    std::vector<unsigned char> bytes((columns + 63) / 64 * kQ4SuperblockBytes,
                                     0xee);
    quantizeQ4({values.data(), columns, rows, columns}, Q4Rule::Ggml,
               bytes.data());
    for (uint64_t row = 0; row < rows; ++row) {
      for (uint64_t b = 0; b < (columns + 31) / 32; ++b) {
        auto x = blockOf(values, columns, row, b);
        ASSERT_TRUE(unpack(false, bytes.data(), row, b) == q4ByGgml(x.data()))
            << "row " << row << ", block " << b << " of " << columns;
      }
    }
  }
}

TEST(QuantizeTest, FoundScalesAreNeverWorse) {
  for (auto [rows, columns] : kShapes) {
    std::vector<float> values = makeValues(rows, columns);
    std::vector<unsigned char> bytes((columns + 63) / 64 * kQ4SuperblockBytes);
    quantizeQ4({values.data(), columns, rows, columns}, Q4Rule::Mse,
               bytes.data());
    for (uint64_t row = 0; row < rows; ++row) {
      for (uint64_t b = 0; b < (columns + 31) / 32; ++b) {
        auto x = blockOf(values, columns, row, b);
        Block found = unpack(false, bytes.data(), row, b);
        Block plain = q4ByGgml(x.data());
        ASSERT_LT(found.scale & 0x7fff, 0x7c00);
        ASSERT_LE(found.error(x.data()), plain.error(x.data()));
        // A block of zeros among them.
        if (plain.error(x.data()) == 0) {
          ASSERT_TRUE(found == plain);
        }
      }
    }
  }
}

TEST(QuantizeTest, FoundScalesAreNearTheBestOnes) {
  std::mt19937 generator(3);
  std::normal_distribution<float> normal(0, 0.02f);
  constexpr uint64_t kColumns = 1024;
  std::vector<float> values(16 * kColumns);
  for (float &value : values) {
    value = normal(generator);
  }
  std::vector<unsigned char> bytes(kColumns / 64 * kQ4SuperblockBytes);
  quantizeQ4({values.data(), kColumns, 16, kColumns}, Q4Rule::Mse,
             bytes.data());
  double found = 0, plain = 0, best = 0;
  for (uint64_t row = 0; row < 16; ++row) {
    for (uint64_t b = 0; b < kColumns / 32; ++b) {
      const float *x = &values[row * kColumns + b * 32];
      found += unpack(false, bytes.data(), row, b).error(x);
      plain += q4ByGgml(x).error(x);
      float largest = 0;
      for (int k = 0; k < 32; ++k) {
        largest = std::max(largest, std::fabs(x[k]));
      }
      double least = 1e9;
      for (int step = -600; step <= 600; ++step) {
        Block block;
        float n = 5 + std::abs(step) * 0.01f;
        block.scale = toHalf((step < 0 ? -largest : largest) / n);
        for (int k = 0; k < 32; ++k) {
          float q = std::nearbyint(x[k] / fromHalf(block.scale));
          block.q[k] = int(std::min(7.0f, std::max(-8.0f, q)));
        }
        least = std::min(least, block.error(x));
      }
      best += least;
    }
  }
  double gain = 1 - std::sqrt(found / plain);
  RecordProperty("root_mean_square_gain_permille", int(gain * 1000));
  EXPECT_GT(gain, 0.05);
  EXPECT_LT(std::sqrt(found / best), 1.002);
}

TEST(QuantizeTest, EveryLevelGivesTheSameBytes) {
  Span<const Quantizers> levels = availableQuantizers();
  ASSERT_GE(levels.size(), 1u);
  EXPECT_STREQ(levels[levels.size() - 1].level, "plain");
  for (auto [rows, columns] : kShapes) {
    std::vector<float> values = makeValues(rows, columns);
    PanelRows panel{values.data(), columns, rows, columns};
    for (auto member :
         {&Quantizers::q8, &Quantizers::q4Mse, &Quantizers::q4Ggml}) {
      std::vector<unsigned char> expected;
      for (const Quantizers &level : levels) {
        std::vector<unsigned char> bytes((columns + 63) / 64 *
                                         kQ8SuperblockBytes);
        (level.*member)(panel, bytes.data());
        expected = expected.empty() ? bytes : expected;
        ASSERT_TRUE(bytes == expected) << level.level << ", " << columns;
      }
    }
  }
}

TEST(QuantizeTest, WhatIsNotThereIsZero) {
  std::vector<float> values(3 * 70, 1.0f);
  PanelRows panel{values.data(), 70, 3, 70};
  for (bool isQ8 : {true, false}) {
    std::vector<unsigned char> bytes(2 * kQ8SuperblockBytes, 0xee);
    if (isQ8) {
      quantizeQ8(panel, bytes.data());
    } else {
      quantizeQ4(panel, Q4Rule::Mse, bytes.data());
    }
    for (uint64_t row = 0; row < 16; ++row) {
      for (uint64_t b = 0; b < 4; ++b) {
        Block block = unpack(isQ8, bytes.data(), row, b);
        EXPECT_EQ(block.scale != 0, row < 3 && b < 3);
        for (uint64_t k = 0; k < 32; ++k) {
          EXPECT_EQ(block.q[k] != 0, row < 3 && b * 32 + k < 70);
        }
      }
    }
  }
}

TEST(QuantizeTest, LargestValuesHaveFiniteScales) {
  for (WeightLayout layout : {WeightLayout::Q8Panel, WeightLayout::Q4Panel}) {
    std::vector<float> values(64, std::nextafter(valueLimit(layout), 0.0f));
    values[3] = -values[3];
    values[40] = -values[40];
    for (Q4Rule rule : {Q4Rule::Mse, Q4Rule::Ggml}) {
      std::vector<unsigned char> bytes(kQ8SuperblockBytes);
      encodePanel(layout, rule, {values.data(), 64, 1, 64}, bytes.data());
      std::vector<float> decoded(64);
      decodePanelRow(layout, bytes.data(), 0, 64, decoded.data());
      for (int k = 0; k < 64; ++k) {
        EXPECT_NEAR(decoded[k] / values[k], 1, 0.13);
      }
    }
  }
}
