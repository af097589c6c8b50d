//===- MemoryTest.cpp - Values of the interpreter -------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Memory.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace mlir;
using namespace mlir::gemma::reference;
using testing::ElementsAre;

namespace {

class MemoryTest : public testing::Test {
protected:
  MemoryTest()
      : builder(&context), module(ModuleOp::create(builder.getUnknownLoc())) {
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == DiagnosticSeverity::Error) {
        error = diagnostic.str();
      }
    });
  }

  View create(llvm::ArrayRef<int64_t> sizes,
              Storage::State state = Storage::Unwritten) {
    return View::create(builder.getF32Type(), sizes, state);
  }
  Operation *op() { return module->getOperation(); }

  MLIRContext context;
  Builder builder;
  OwningOpRef<ModuleOp> module;
  std::string error;
};

TEST_F(MemoryTest, RoundsBf16ToNearestEven) {
  Type bf16 = builder.getBF16Type();
  EXPECT_EQ(roundToElement(1.0 + 1.0 / 256, bf16), 1.0);
  EXPECT_EQ(roundToElement(1.0 + 3.0 / 256, bf16), 1.0 + 4.0 / 256);
  EXPECT_EQ(roundToElement(-1.0 - 3.0 / 256, bf16), -1.0 - 4.0 / 256);
  EXPECT_EQ(roundToElement(1.0 + 1.01 / 256, bf16), 1.0 + 2.0 / 256);
  EXPECT_EQ(roundToElement(3.4e38, bf16), INFINITY);
  EXPECT_TRUE(std::isnan(roundToElement(NAN, bf16)));
}

TEST_F(MemoryTest, RoundsThroughF32) {
  // f32 makes a tie of it, which goes to the even 1.
  EXPECT_EQ(roundToElement(1.0 + 1.0 / 256 + 1e-12, builder.getBF16Type()),
            1.0);
}

TEST_F(MemoryTest, KeepsF32InFull) {
  EXPECT_EQ(roundToElement(0.1, builder.getF32Type()), 0.1);
  EXPECT_EQ(roundToElement(0.1, builder.getF64Type()), 0.1);
}

TEST_F(MemoryTest, WrapsIntegers) {
  EXPECT_EQ(roundToElement(200, builder.getIntegerType(8)), -56);
  EXPECT_EQ(roundToElement(-129, builder.getIntegerType(8)), 127);
  EXPECT_EQ(roundToElement(2, builder.getI1Type()), 1);
  EXPECT_EQ(roundToElement(1e15, builder.getI64Type()), 1e15);
}

TEST_F(MemoryTest, SubviewsShareTheirStorage) {
  View all = create({3, 4});
  all.write({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  View part = all.subview({1, 0}, {2, 2}, {1, 2});
  EXPECT_THAT(*part.read(op()), ElementsAre(4, 6, 8, 10));
  part.row(1).write({-8, -10});
  EXPECT_THAT(*all.row(2).read(op()), ElementsAre(-8, 9, -10, 11));
  EXPECT_THAT(*all.takeFront(1).read(op()), ElementsAre(0, 1, 2, 3));
}

TEST_F(MemoryTest, EmptyViewsReadNothing) {
  EXPECT_TRUE(create({0, 4}).read(op())->empty());
  EXPECT_TRUE(create({4, 0}).read(op())->empty());
}

TEST_F(MemoryTest, ReportsWhatNothingWrote) {
  View buffer = create({2, 4});
  buffer.row(0).write({1, 2, 3, 4});
  EXPECT_TRUE(succeeded(buffer.row(0).read(op())));
  EXPECT_TRUE(failed(buffer.read(op())));
  EXPECT_THAT(error, testing::HasSubstr("reads 16 bytes that nothing wrote"));
}

TEST_F(MemoryTest, ArenaSpoilsOnlyWhatIsCovered) {
  auto arena = std::make_shared<Arena>(256);
  auto type = MemRefType::get({8}, builder.getF32Type());
  View low(arena->getStorage(0, type), {8});
  View high(arena->getStorage(16, type), {8});
  ASSERT_TRUE(succeeded(low.claim(op())));
  low.write({0, 1, 2, 3, 4, 5, 6, 7});
  ASSERT_TRUE(succeeded(high.takeFront(2).claim(op())));
  high.takeFront(2).write({8, 9});
  EXPECT_TRUE(succeeded(low.takeFront(4).read(op())));
  EXPECT_TRUE(succeeded(low.subview({6}, {2}, {1}).read(op())));
  EXPECT_TRUE(failed(low.read(op())));
  EXPECT_THAT(
      error, testing::HasSubstr("reads 8 bytes that another buffer overwrote"));
  // What is written again is good again, and spoils the other.
  ASSERT_TRUE(succeeded(low.claim(op())));
  low.write({0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_TRUE(succeeded(low.read(op())));
  EXPECT_TRUE(failed(high.takeFront(1).read(op())));
}

TEST_F(MemoryTest, EqualPlacesOfAnArenaAreOneBuffer) {
  auto arena = std::make_shared<Arena>(256);
  auto f32 = MemRefType::get({8}, builder.getF32Type());
  auto bf16 = MemRefType::get({8}, builder.getBF16Type());
  EXPECT_EQ(arena->getStorage(64, f32), arena->getStorage(64, f32));
  EXPECT_NE(arena->getStorage(64, f32), arena->getStorage(128, f32));
  EXPECT_NE(arena->getStorage(64, f32), arena->getStorage(64, bf16));
}

TEST_F(MemoryTest, ReadOnlyViewsRefuseClaims) {
  View buffer = create({2}, Storage::Written);
  EXPECT_TRUE(failed(buffer.readOnly().row(0).claim(op())));
  EXPECT_THAT(error, testing::HasSubstr("only to be read"));
}

} // namespace
