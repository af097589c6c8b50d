//===- PackerTest.cpp - Weights through the packer ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Packer.h"
#include "test/compiler/TestingModule.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <map>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Result;

namespace {

class PackerTest : public ::testing::Test {
protected:
  PackerTest() {
    auto bf16 = EncodingAttr::get(context.get(), EncodingKind::BF16, 16);
    auto f32 = EncodingAttr::get(context.get(), EncodingKind::F32, 16);
    auto rows = EncodingAttr::get(context.get(), EncodingKind::F32, 0);
    // Many blocks, less than a block, one row, many rows; not multiples of 16.
    weights = {
        {bf16, 5003, 1001},
        {f32, 17, 3},
        {rows, 1, 777},
        {rows, 3001, 1000},
        {f32, 2000, 2000},
        {EncodingAttr::get(context.get(), EncodingKind::Q8_0, 16), 333, 130},
        {EncodingAttr::get(context.get(), EncodingKind::Q4_0, 16), 2100, 1001}};
    ports.name = [](size_t weight) {
      return "weight " + std::to_string(weight);
    };
    ports.read = [this](size_t weight, int64_t row, int64_t count,
                        float *out) -> Result<void> {
      int64_t columns = weights[weight].getColumns();
      for (int64_t i = 0; i < count * columns; ++i) {
        out[i] = value(weight, row * columns + i);
      }
      return {};
    };
    ports.release = [this](size_t, int64_t, int64_t count) {
      released += count;
    };
    ports.write = [this](size_t weight, uint64_t offset,
                         std::string_view bytes) -> Result<void> {
      EXPECT_EQ(offset, written[weight].size());
      EXPECT_LE(bytes.size(), size_t(16) << 20);
      written[weight] += bytes;
      return {};
    };
  }

  static float value(size_t weight, int64_t i) {
    return static_cast<float>((i * 2654435761u + weight) % 10007);
  }

  std::unique_ptr<MLIRContext> context = mlir::gemma::testing::makeContext();
  std::vector<WeightEncoder> weights;
  PackerPorts ports;
  std::map<size_t, std::string> written;
  std::atomic<int64_t> released{0};
};

TEST_F(PackerTest, SameBytesAsEncodingAtOnceForAnyNumberOfJobs) {
  for (unsigned jobs : {1u, 2u, 5u}) {
    written.clear();
    released = 0;
    auto digests = packWeights(weights, ports, jobs);
    ASSERT_TRUE(static_cast<bool>(digests));
    ASSERT_EQ(digests->size(), weights.size());
    int64_t rows = 0;
    for (size_t w = 0; w < weights.size(); ++w) {
      const WeightEncoder &weight = weights[w];
      std::vector<float> all(weight.getRows() * weight.getColumns());
      (void)ports.read(w, 0, weight.getRows(), all.data());
      std::string expected(weight.getGroups() * weight.getGroupBytes(), 0);
      EXPECT_FALSE(
          weight.encode(all.data(), weight.getRows(), expected.data()));
      EXPECT_TRUE(written[w] == expected) << "weight " << w;
      EXPECT_EQ((*digests)[w],
                *::gemma::sha256(expected.data(), expected.size()));
      rows += weight.getRows();
    }
    EXPECT_EQ(released, rows);
  }
}

TEST_F(PackerTest, FirstReadErrorInOrderOfWeights) {
  auto read = ports.read;
  ports.read = [&](size_t weight, int64_t row, int64_t count,
                   float *out) -> Result<void> {
    if (weight == 1 || weight == 4) {
      return ::gemma::invalidData("weight " + std::to_string(weight));
    }
    return read(weight, row, count, out);
  };
  for (unsigned jobs : {1u, 4u}) {
    written.clear();
    auto digests = packWeights(weights, ports, jobs);
    ASSERT_FALSE(digests);
    EXPECT_EQ(digests.error().message, "weight 1");
  }
}

TEST_F(PackerTest, NamesTheValueThatAnEncodingCannotHold) {
  auto read = ports.read;
  for (auto [value, expected] :
       {std::pair(std::nanf(""), "finite values, found nan"),
        {-1e7f, "values below 524160, which its encoding can hold, found "
                "-1e+07"}}) {
    ports.read = [&, value = value](size_t weight, int64_t row, int64_t count,
                                    float *out) -> Result<void> {
      Result<void> done = read(weight, row, count, out);
      // In the last weight's second block.
      if (weight == 6 && row <= 2001 && 2001 < row + count) {
        out[(2001 - row) * 1001 + 77] = value;
      }
      return done;
    };
    written.clear();
    auto digests = packWeights(weights, ports, 3);
    ASSERT_FALSE(digests);
    EXPECT_EQ(digests.error().code, ::gemma::ErrorCode::InvalidData);
    EXPECT_EQ(digests.error().message, std::string("weight 6: expected ") +
                                           expected + " (row 2001, column 77)");
  }
}

TEST_F(PackerTest, WriteErrorStopsAll) {
  ports.write = [](size_t, uint64_t offset, std::string_view) -> Result<void> {
    if (offset > 0) {
      return ::gemma::resourceError("disk full");
    }
    return {};
  };
  auto digests = packWeights(weights, ports, 3);
  ASSERT_FALSE(digests);
  EXPECT_EQ(digests.error().code, ::gemma::ErrorCode::Resource);
}

TEST_F(PackerTest, Nothing) {
  auto digests = packWeights({}, ports, 2);
  ASSERT_TRUE(static_cast<bool>(digests));
  EXPECT_TRUE(digests->empty());
}

} // namespace
