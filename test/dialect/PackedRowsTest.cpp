//===- PackedRowsTest.cpp - Where the parts of a packed row lie -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/PackedRows.h"

#include "dialect/GemmaDialect.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/MLIRContext.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::gemma;

namespace {

TEST(PackedRowsTest, LayoutOfWholeSuperblocks) {
  PackedRowLayout layout(128);
  EXPECT_EQ(layout.values, 128);
  EXPECT_EQ(layout.getBlocks(), 4);
  EXPECT_EQ(layout.getScales(), 128);
  EXPECT_EQ(layout.getCorrections(), 128 + 4 * 4);
  EXPECT_EQ(layout.getBytes(), 128 + 4 * 4 + 4 * 4);
}

TEST(PackedRowsTest, LayoutPadsToSuperblocks) {
  for (int64_t columns : {1, 32, 33, 63, 64}) {
    EXPECT_EQ(PackedRowLayout(columns).getBytes(), 80) << columns;
  }
  EXPECT_EQ(PackedRowLayout(65).getBytes(), 160);
  // Whole pages and a line.
  EXPECT_EQ(PackedRowLayout(16384).getBytes(), 16384 + 4096 + 64);
}

TEST(PackedRowsTest, TypeFollowsTheKind) {
  MLIRContext context;
  context.loadDialect<GemmaDialect>();
  Type f32 = Float32Type::get(&context);
  auto rows = RankedTensorType::get({ShapedType::kDynamic, 40}, f32);
  auto typeFor = [&](EncodingKind kind) {
    return getPackedRowsType(rows, kind, 40);
  };
  EXPECT_EQ(typeFor(EncodingKind::F32), rows);
  EXPECT_EQ(typeFor(EncodingKind::F16), rows);
  EXPECT_EQ(typeFor(EncodingKind::BF16),
            RankedTensorType::get({ShapedType::kDynamic, 40},
                                  BFloat16Type::get(&context)));
  auto bytes = RankedTensorType::get({ShapedType::kDynamic, 80},
                                     IntegerType::get(&context, 8));
  EXPECT_EQ(typeFor(EncodingKind::Q8_0), bytes);
  EXPECT_EQ(typeFor(EncodingKind::Q4_0), bytes);
  // A buffer stays one.
  EXPECT_EQ(
      getPackedRowsType(MemRefType::get({8, 40}, f32), EncodingKind::Q8_0, 40),
      MemRefType::get({8, 80}, IntegerType::get(&context, 8)));
}

TEST(PackedRowsTest, ZeroPointIsHalfOfTheRange) {
  EXPECT_EQ(getZeroPoint(EncodingKind::Q8_0), 128);
  EXPECT_EQ(getZeroPoint(EncodingKind::Q4_0), 8);
}

} // namespace
