//===- WeightStoreTest.cpp - Tests of WeightStore.cpp ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/WeightStore.h"

#include "compiler/Import/Import.h"
#include "dialect/ModuleAttrs.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Parser/Parser.h"
#include "runtime/core/RandomWeights.h"
#include "test/compiler/Import/Readers/TestingCheckpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cmath>
#include <thread>

using namespace mlir;
using namespace mlir::gemma;
using namespace ::gemma::testing;
using ::testing::HasSubstr;

namespace {
class WeightStoreTest : public ::testing::Test {
protected:
  WeightStoreTest() { context.loadDialect<GemmaDialect>(); }

  /// A module of one weight: `text` is what follows its name.
  OwningOpRef<ModuleOp> moduleOf(const std::string &text) {
    return parseSourceString<ModuleOp>(
        "module attributes {gemma.checkpoint = \"" + folder.path +
            "\"} { gemma.weight @w : " + text + "}",
        &context);
  }

  static WeightOp weightOf(OwningOpRef<ModuleOp> &module,
                           llvm::StringRef name = "w") {
    return module->lookupSymbol<WeightOp>(name);
  }

  MLIRContext context;
  TemporaryFolder folder;
};
} // namespace

TEST_F(WeightStoreTest, ReadsTensorsOfAllTypesExactly) {
  for (const char *dtype : {"F32", "BF16", "F16"}) {
    writeTinyCheckpoint(folder.path, dtype);
    auto module = importCheckpoint(&context, folder.path, ImportOptions());
    ASSERT_TRUE(module) << module.error().message;
    auto store = WeightStore::open(**module);
    ASSERT_TRUE(store) << store.error().message;
    WeightOp weight = weightOf(*module, "layers.1.gate_proj");
    ASSERT_EQ(getWeightRows(weight), 12);
    ASSERT_EQ(getWeightRowSize(weight), 8);
    std::vector<float> rows(3 * 8);
    auto read = store->readRows(weight, 2, 3, rows.data());
    ASSERT_TRUE(read) << read.error().message;
    for (int64_t i = 0; i < 24; ++i) {
      EXPECT_EQ(rows[i], testValue(16 + i)) << dtype << " " << i;
    }
  }
}

TEST_F(WeightStoreTest, AMatrixMayBeTheFirstRowsOfItsTensor) {
  writeTinyCheckpoint(folder.path, "F32");
  auto read = [&](const std::string &type, int64_t size) {
    auto module = moduleOf(type + " from #gemma.tensor<\"model.safetensors\", "
                                  "\"model.embed_tokens.weight\">");
    EXPECT_TRUE(module);
    auto store = WeightStore::open(*module);
    if (!store) {
      return store.error().message;
    }
    std::vector<float> values(size, -1);
    auto rows = store->readRows(weightOf(module), 100, 10, values.data());
    EXPECT_TRUE(rows);
    for (int64_t i = 0; i < size; ++i) {
      EXPECT_EQ(values[i], testValue(800 + i));
    }
    return std::string();
  };
  EXPECT_EQ(read("tensor<110x8xf32>", 80), "");
  EXPECT_THAT(read("tensor<301x8xf32>", 0), HasSubstr("F32 [301, 8], found"));
  EXPECT_THAT(read("tensor<300x7xf32>", 0), HasSubstr("F32 [300, 7], found"));
  EXPECT_THAT(read("tensor<300xf32>", 0), HasSubstr("F32 [300], found"));
}

TEST_F(WeightStoreTest, VectorIsOneRow) {
  writeTinyCheckpoint(folder.path);
  auto module = importCheckpoint(&context, folder.path, ImportOptions());
  ASSERT_TRUE(module);
  auto store = WeightStore::open(**module);
  ASSERT_TRUE(store);
  WeightOp weight = weightOf(*module, "norm");
  EXPECT_EQ(getWeightRows(weight), 1);
  std::vector<float> row(8);
  ASSERT_TRUE(store->readRows(weight, 0, 1, row.data()));
  EXPECT_EQ(row[7], testValue(7));
}

TEST_F(WeightStoreTest, ReadsTheSameAfterRelease) {
  writeTinyCheckpoint(folder.path);
  auto module = importCheckpoint(&context, folder.path, ImportOptions());
  ASSERT_TRUE(module);
  auto store = WeightStore::open(**module);
  ASSERT_TRUE(store);
  WeightOp weight = weightOf(*module, "embed_tokens");
  std::vector<float> before(300 * 8), after(300 * 8);
  ASSERT_TRUE(store->readRows(weight, 0, 300, before.data()));
  store->release(weight, 0, 300);
  ASSERT_TRUE(store->readRows(weight, 0, 300, after.data()));
  EXPECT_EQ(before, after);
}

TEST_F(WeightStoreTest, ReadsFromSeveralThreads) {
  writeTinyCheckpoint(folder.path);
  auto module = importCheckpoint(&context, folder.path, ImportOptions());
  ASSERT_TRUE(module);
  auto store = WeightStore::open(**module);
  ASSERT_TRUE(store);
  WeightOp weight = weightOf(*module, "embed_tokens");
  std::vector<float> together(300 * 8), apart(300 * 8);
  ASSERT_TRUE(store->readRows(weight, 0, 300, together.data()));
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int64_t row = t * 75; row < (t + 1) * 75; ++row) {
        (void)!store->readRows(weight, row, 1, apart.data() + row * 8);
        store->release(weight, row, 1);
      }
    });
  }
  for (std::thread &thread : threads) {
    thread.join();
  }
  EXPECT_EQ(together, apart);
}

TEST_F(WeightStoreTest, OverrideSaysWhereTheCheckpointIs) {
  TemporaryFolder other;
  writeTinyCheckpoint(other.path);
  auto module =
      moduleOf("tensor<8xbf16> from #gemma.tensor<\"model.safetensors\", "
               "\"model.norm.weight\">");
  ASSERT_TRUE(module);
  auto absent = WeightStore::open(*module);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ::gemma::ErrorCode::NotFound);
  auto store = WeightStore::open(*module, other.path);
  ASSERT_TRUE(store) << store.error().message;
}

TEST_F(WeightStoreTest, TensorMustHaveTheWeightsType) {
  writeTinyCheckpoint(folder.path);
  const char *kCases[][2] = {
      {"tensor<8xf32> from #gemma.tensor<\"model.safetensors\", "
       "\"model.norm.weight\">",
       "expected F32 [8], found BF16 [8]"},
      {"tensor<9xbf16> from #gemma.tensor<\"model.safetensors\", "
       "\"model.norm.weight\">",
       "expected BF16 [9], found BF16 [8]"},
      {"tensor<8xbf16> from #gemma.tensor<\"model.safetensors\", \"nope\">",
       "'nope': expected BF16 [8], found none"},
      {"tensor<8xbf16> from #gemma.tensor<\"../model.safetensors\", \"x\">",
       "expected the name of a .safetensors file"},
  };
  for (auto &[text, message] : kCases) {
    auto module = moduleOf(text);
    ASSERT_TRUE(module);
    auto store = WeightStore::open(*module);
    ASSERT_FALSE(store) << text;
    EXPECT_EQ(store.error().code, ::gemma::ErrorCode::InvalidData);
    EXPECT_THAT(store.error().message, HasSubstr(message));
  }
}

TEST_F(WeightStoreTest, WeightWithoutSourceIsAnErrorThatNamesIt) {
  auto module = moduleOf("tensor<8xf32>");
  auto store = WeightStore::open(*module);
  ASSERT_TRUE(store);
  float row[8];
  auto read = store->readRows(weightOf(module), 0, 1, row);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("weight @w: expected a source"));
}

TEST_F(WeightStoreTest, RefusesRowsThatAreNotThere) {
  auto module =
      moduleOf("tensor<4x8xf32> from #gemma.random<seed = 1, bound = 1.0>");
  auto store = WeightStore::open(*module);
  ASSERT_TRUE(store);
  float rows[32];
  EXPECT_TRUE(store->readRows(weightOf(module), 4, 0, rows));
  EXPECT_FALSE(store->readRows(weightOf(module), 4, 1, rows));
  EXPECT_FALSE(store->readRows(weightOf(module), -1, 1, rows));
  EXPECT_FALSE(store->readRows(weightOf(module), 1, INT64_MAX, rows));
}

TEST_F(WeightStoreTest, DrawsRandomRowsByNameAndRow) {
  auto module =
      moduleOf("tensor<4x20xf32> from #gemma.random<seed = 7, bound = 5.0e-1>");
  auto store = WeightStore::open(*module);
  ASSERT_TRUE(store);
  std::vector<float> rows(2 * 20);
  ASSERT_TRUE(store->readRows(weightOf(module), 2, 2, rows.data()));
  ::gemma::RandomWeights random(7, "w", 0.5);
  float block[::gemma::kRandomBlock];
  random.block(3, 1, block);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(rows[20 + 16 + i], block[i]);
    EXPECT_LE(std::abs(rows[i]), 0.5f);
  }
}

TEST_F(WeightStoreTest, RopeTableHoldsBothFactorsOfThePosition) {
  auto module =
      moduleOf("tensor<258x2x3xf32> from #gemma.rope_table<base = 1.0e4 : f64, "
               "position_scale = 2.0 : f64, head_dim = 8, rotated = 6, "
               "positions = 512>");
  ASSERT_TRUE(module);
  auto store = WeightStore::open(*module);
  ASSERT_TRUE(store);
  std::vector<float> table(258 * 6);
  ASSERT_TRUE(store->readRows(weightOf(module), 0, 258, table.data()));
  for (int i = 0; i < 3; ++i) {
    double frequency = std::pow(1e4, -2.0 * i / 8) / 2.0;
    EXPECT_EQ(table[i], 1.0f); // position 0
    EXPECT_EQ(table[6 + i], static_cast<float>(std::cos(256 * frequency)));
    EXPECT_EQ(table[6 + 3 + i], static_cast<float>(std::sin(256 * frequency)));
    int64_t fine = (2 + 5) * 6; // A = 2, b = 5
    EXPECT_EQ(table[fine + i], static_cast<float>(std::cos(5 * frequency)));
    EXPECT_EQ(table[fine + 3 + i], static_cast<float>(std::sin(5 * frequency)));
  }
}
