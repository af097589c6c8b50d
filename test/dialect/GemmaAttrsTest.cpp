//===- GemmaAttrsTest.cpp - Sizes that encodings and tables give ----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaAttrs.h"
#include "dialect/GemmaDialect.h"
#include "dialect/GemmaTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"

#include <gmock/gmock.h>

using namespace mlir;
using namespace mlir::gemma;
using testing::ElementsAre;

namespace {

class GemmaAttrsTest : public testing::Test {
protected:
  GemmaAttrsTest() { context.loadDialect<GemmaDialect>(); }

  EncodingAttr encoding(EncodingKind kind, int64_t panel) {
    return EncodingAttr::get(&context, kind, panel);
  }
  RopeTableSourceAttr table(int64_t rotated, int64_t positions) {
    Builder builder(&context);
    return RopeTableSourceAttr::get(&context, builder.getF64FloatAttr(1e4),
                                    builder.getF64FloatAttr(1.0),
                                    /*head_dim=*/16, rotated, positions);
  }

  MLIRContext context;
};

TEST_F(GemmaAttrsTest, RowMajorTakesFourBytesAnElement) {
  EXPECT_EQ(encoding(EncodingKind::F32, 0).getPackedBytes({64}), 256);
  EXPECT_EQ(encoding(EncodingKind::F32, 0).getPackedBytes({288, 2, 8}), 18432);
}

TEST_F(GemmaAttrsTest, PanelsPadTheRowsOfTheWeight) {
  EXPECT_EQ(encoding(EncodingKind::F32, 16).getPackedBytes({32, 3}),
            32 * 3 * 4);
  EXPECT_EQ(encoding(EncodingKind::F32, 16).getPackedBytes({33, 3}),
            48 * 3 * 4);
  EXPECT_EQ(encoding(EncodingKind::F32, 16).getPackedBytes({1, 3}), 16 * 3 * 4);
}

TEST_F(GemmaAttrsTest, Bf16PadsAnOddInnerDimension) {
  EXPECT_EQ(encoding(EncodingKind::BF16, 16).getPackedBytes({32, 64}),
            32 * 64 * 2);
  EXPECT_EQ(encoding(EncodingKind::BF16, 16).getPackedBytes({32, 63}),
            32 * 64 * 2);
  EXPECT_EQ(encoding(EncodingKind::BF16, 16).getPackedBytes({17, 1}),
            32 * 2 * 2);
}

TEST_F(GemmaAttrsTest, F16TakesTwoBytesAnElement) {
  EXPECT_EQ(encoding(EncodingKind::F16, 16).getPackedBytes({17, 63}),
            32 * 63 * 2);
}

TEST_F(GemmaAttrsTest, QuantisedKindsHaveSuperblocksOf16Times64) {
  for (int64_t k : {1, 64}) {
    EXPECT_EQ(encoding(EncodingKind::Q8_0, 16).getPackedBytes({16, k}),
              64 + 1024);
    EXPECT_EQ(encoding(EncodingKind::Q4_0, 16).getPackedBytes({16, k}),
              64 + 512);
  }
  EXPECT_EQ(encoding(EncodingKind::Q4_0, 16).getPackedBytes({17, 65}),
            4 * (64 + 512));
}

TEST_F(GemmaAttrsTest, BytesDoNotOverflow32Bits) {
  EXPECT_EQ(encoding(EncodingKind::BF16, 16).getPackedBytes({256000, 3072}),
            int64_t(256000) * 3072 * 2);
}

TEST_F(GemmaAttrsTest, ElementTypeIsWhatValuesAreRoundedTo) {
  EXPECT_TRUE(encoding(EncodingKind::F32, 16).getElementType().isF32());
  EXPECT_TRUE(encoding(EncodingKind::BF16, 16).getElementType().isBF16());
  EXPECT_TRUE(encoding(EncodingKind::F16, 16).getElementType().isF16());
}

TEST_F(GemmaAttrsTest, RopeTableHasACoarseRowPer256Positions) {
  EXPECT_THAT(table(16, 8192).getShape(), ElementsAre(32 + 256, 2, 8));
  EXPECT_THAT(table(8, 8193).getShape(), ElementsAre(33 + 256, 2, 4));
  EXPECT_THAT(table(2, 1).getShape(), ElementsAre(1 + 256, 2, 1));
}

TEST_F(GemmaAttrsTest, PackedTypeAsksItsEncoding) {
  auto type =
      PackedType::get(&context, {17, 63}, encoding(EncodingKind::BF16, 16));
  EXPECT_EQ(type.getBytes(), 32 * 64 * 2);
  EXPECT_THAT(getWeightShape(type), ElementsAre(17, 63));
  EXPECT_THAT(getWeightShape(RankedTensorType::get(
                  {17, 63}, Builder(&context).getF32Type())),
              ElementsAre(17, 63));
}

} // namespace
