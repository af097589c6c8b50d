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

  View create(llvm::ArrayRef<int64_t> sizes) {
    return View::create(builder.getF32Type(), sizes);
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

TEST_F(MemoryTest, AnyWriteTakesAllBytesOfTheBuffer) {
  auto arena = std::make_shared<Arena>(256);
  auto type = MemRefType::get({8}, builder.getF32Type());
  View low(arena->createStorage(0, type), {8});
  View high(arena->createStorage(28, type), {8});
  View apart(arena->createStorage(64, type), {8});
  for (const View &view : {low, apart}) {
    ASSERT_TRUE(succeeded(view.takeFront(1).claim(op())));
    view.takeFront(1).write({1});
  }
  // The two share the last element of one and the first of the other. Neither
  // is read or written here: with more rows they would be.
  ASSERT_TRUE(succeeded(high.subview({7}, {1}, {1}).claim(op())));
  EXPECT_TRUE(failed(low.takeFront(1).read(op())));
  EXPECT_THAT(error, testing::HasSubstr(
                         "reads 4 bytes of a buffer that another buffer"));
  EXPECT_TRUE(succeeded(apart.takeFront(1).read(op())));
}

TEST_F(MemoryTest, BuffersThatTouchShareNothing) {
  auto arena = std::make_shared<Arena>(256);
  auto type = MemRefType::get({8}, builder.getF32Type());
  View low(arena->createStorage(0, type), {8});
  View high(arena->createStorage(32, type), {8});
  ASSERT_TRUE(succeeded(low.claim(op())));
  low.write({0, 1, 2, 3, 4, 5, 6, 7});
  ASSERT_TRUE(succeeded(high.claim(op())));
  EXPECT_TRUE(succeeded(low.read(op())));
}

TEST_F(MemoryTest, AnOverwrittenBufferCanBeWrittenAgain) {
  auto arena = std::make_shared<Arena>(256);
  auto type = MemRefType::get({2}, builder.getF32Type());
  View first(arena->createStorage(64, type), {2});
  // The same place and type, but not the same buffer.
  View second(arena->createStorage(64, type), {2});
  ASSERT_TRUE(succeeded(first.claim(op())));
  first.write({1, 2});
  ASSERT_TRUE(succeeded(second.claim(op())));
  second.write({3, 4});
  EXPECT_TRUE(failed(first.read(op())));
  ASSERT_TRUE(succeeded(first.claim(op())));
  first.takeFront(1).write({5});
  EXPECT_THAT(*first.takeFront(1).read(op()), ElementsAre(5));
  // What it held before is gone for good.
  EXPECT_TRUE(failed(first.read(op())));
  EXPECT_THAT(error, testing::HasSubstr("reads 4 bytes that nothing wrote"));
  EXPECT_TRUE(failed(second.read(op())));
}

TEST_F(MemoryTest, ReadOnlyViewsRefuseClaims) {
  View buffer = create({2});
  EXPECT_TRUE(failed(buffer.readOnly().row(0).claim(op())));
  EXPECT_THAT(error, testing::HasSubstr("only to be read"));
}

} // namespace
