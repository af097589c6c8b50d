//===- StubWeightsTest.cpp - Weights of an artifact without weights -------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/exec/StubWeights.h"
#include "runtime/core/HalfFloat.h"

#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace gemma;

/// Value [row][column] of a weight, whatever the layout.
static float valueAt(const RandomWeights &values, int64_t row, int64_t column) {
  float block[kRandomBlock];
  values.block(row, column / 16, block);
  return block[column % 16];
}

static float fromBf16(uint16_t bits) {
  uint32_t wide = uint32_t(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

/// All bytes of a weight, filled in pieces of `step` columns.
static std::vector<unsigned char> filled(WeightLayout layout, uint64_t rows,
                                         uint64_t columns, uint64_t step) {
  RandomWeights values(5, "w", 1);
  std::vector<unsigned char> bytes, piece(step * 64);
  uint64_t pieceRows =
      layout == WeightLayout::F32Rows ? rows : (rows + 15) / 16;
  for (uint64_t row = 0; row < pieceRows; ++row) {
    for (uint64_t begin = 0; begin < columns; begin += step) {
      uint64_t size = fillPiece(values, layout, rows,
                                {row, begin, std::min(begin + step, columns)},
                                piece.data());
      bytes.insert(bytes.end(), piece.begin(), piece.begin() + size);
    }
  }
  uint64_t shape[] = {rows, columns};
  EXPECT_EQ(bytes.size(), *encodedBytes(layout, {shape, 2}));
  return bytes;
}

TEST(StubWeightsTest, LayoutsHoldTheSameValues) {
  constexpr uint64_t kRows = 19, kColumns = 37;
  RandomWeights values(5, "w", 1);
  for (uint64_t step : {16u, 32u, 64u}) {
    auto rows = filled(WeightLayout::F32Rows, kRows, kColumns, step);
    auto panels = filled(WeightLayout::F32Panel, kRows, kColumns, step);
    auto pairs = filled(WeightLayout::Bf16Panel, kRows, kColumns, step);
    auto asFloat = [](const std::vector<unsigned char> &bytes, uint64_t at) {
      float value;
      std::memcpy(&value, bytes.data() + at * 4, 4);
      return value;
    };
    for (uint64_t row = 0; row < 32; ++row) {
      for (uint64_t column = 0; column < 38; ++column) {
        bool inside = row < kRows && column < kColumns;
        float expected = inside ? valueAt(values, row, column) : 0;
        if (inside) {
          ASSERT_EQ(asFloat(rows, row * kColumns + column), expected);
        }
        if (column < kColumns) {
          ASSERT_EQ(
              asFloat(panels, (row / 16 * kColumns + column) * 16 + row % 16),
              expected);
        }
        uint16_t half;
        std::memcpy(&half,
                    pairs.data() +
                        (((row / 16 * 19 + column / 2) * 16 + row % 16) * 2 +
                         column % 2) *
                            2,
                    2);
        ASSERT_EQ(half, toBf16(expected));
        ASSERT_NEAR(fromBf16(half), expected, 0.004);
      }
    }
  }
}

namespace {
/// A manifest of weights to fill.
struct Stub {
  flatbuffers::FlatBufferBuilder builder;
  const artifact::Manifest *manifest;

  Stub() {
    artifact::ManifestT manifestT;
    manifestT.stub = true;
    uint64_t end = 0;
    auto add = [&](const char *name, const char *kind, uint32_t panel,
                   std::vector<uint64_t> shape) {
      auto weight = std::make_unique<artifact::WeightT>();
      weight->name = name;
      weight->encoding = std::make_unique<artifact::EncodingT>();
      weight->encoding->kind = kind;
      weight->encoding->panel = panel;
      weight->shape = shape;
      weight->offset = alignUp(end, 64);
      weight->size = *encodedBytes(*weightLayout(kind, panel), shape);
      weight->fill = std::make_unique<artifact::RandomFillT>();
      weight->fill->seed = 9;
      weight->fill->bound = 0.25;
      end = weight->offset + weight->size;
      manifestT.weights.push_back(std::move(weight));
    };
    add("norm", "f32", 0, {100});
    add("q", "bf16", 16, {40, 50001});
    add("k", "f32", 16, {17, 20000});
    add("table", "f32", 0, {3, 2, 16385});
    add("gate", "q4_0", 16, {33, 16450});
    add("up", "q8_0", 16, {7, 16450});
    add("down", "f16", 16, {20, 16390});
    builder.Finish(artifact::Manifest::Pack(builder, &manifestT));
    manifest =
        flatbuffers::GetRoot<artifact::Manifest>(builder.GetBufferPointer());
  }
};
} // namespace

TEST(StubWeightsTest, FillsEveryWeightOnAnyNumberOfThreads) {
  Stub stub;
  std::vector<std::string> results;
  for (uint32_t threads : {1u, 3u}) {
    std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(threads));
    Progress progress("", 1, false);
    Result<Mapping> mapping =
        fillStubWeights(*stub.manifest, *pool, progress, nullptr);
    ASSERT_TRUE(mapping) << mapping.error().message;
    results.emplace_back(reinterpret_cast<const char *>(mapping->data()),
                         mapping->size());
  }
  EXPECT_EQ(results[0], results[1]);
  auto floatAt = [&](uint64_t offset) {
    float value;
    std::memcpy(&value, results[0].data() + offset, sizeof value);
    return value;
  };
  // A vector is one row; higher ranks are rows of their last dimension.
  const auto *weights = stub.manifest->weights();
  RandomWeights norm(9, "norm", 0.25), k(9, "k", 0.25), table(9, "table", 0.25);
  EXPECT_EQ(floatAt(4 * 99), valueAt(norm, 0, 99));
  EXPECT_EQ(floatAt(weights->Get(2)->offset() + ((20000 + 19999) * 16 + 0) * 4),
            valueAt(k, 16, 19999));
  EXPECT_EQ(floatAt(weights->Get(3)->offset() + (5 * 16385 + 16384) * 4),
            valueAt(table, 5, 16384));
  // Beyond the first piece of a row of panels.
  auto row = [&](uint32_t number, WeightLayout layout, uint64_t row,
                 uint64_t columns) {
    std::vector<float> values(columns);
    uint64_t panel =
        weights->Get(number)->offset() + row / 16 * panelBytes(layout, columns);
    decodePanelRow(layout,
                   reinterpret_cast<const unsigned char *>(results[0].data()) +
                       panel,
                   row % 16, columns, values.data());
    return values;
  };
  RandomWeights gate(9, "gate", 0.25), up(9, "up", 0.25), down(9, "down", 0.25);
  auto gateRow = row(4, WeightLayout::Q4Panel, 32, 16450);
  auto upRow = row(5, WeightLayout::Q8Panel, 6, 16450);
  auto downRow = row(6, WeightLayout::F16Panel, 19, 16390);
  for (uint64_t column : {0, 31, 16383, 16384, 16389}) {
    EXPECT_NEAR(gateRow[column], valueAt(gate, 32, column), 0.25 / 8 * 1.01);
    EXPECT_NEAR(upRow[column], valueAt(up, 6, column), 0.25 / 127 * 0.51);
    EXPECT_EQ(downRow[column], fromHalf(toHalf(valueAt(down, 19, column))));
  }
}

TEST(StubWeightsTest, CanBeCancelled) {
  Stub stub;
  std::unique_ptr<ThreadPool> pool = std::move(*ThreadPool::create(2));
  Progress progress("", 1, false);
  CancelFlag cancel;
  cancel.request();
  Result<Mapping> mapping =
      fillStubWeights(*stub.manifest, *pool, progress, &cancel);
  ASSERT_FALSE(mapping);
  EXPECT_EQ(mapping.error().code, ErrorCode::Interrupted);
}
