//===- HalfFloatTest.cpp - f16 to f32 in generated code -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/HalfFloat.h"
#include "compiler/Llvm/Link.h"
#include "compiler/Llvm/Object.h"
#include "runtime/core/HalfFloat.h"
#include "test/compiler/TestingModule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <gtest/gtest.h>

#include <vector>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::testing;

namespace {

constexpr int64_t kHalves = 1 << 16;

/// Compiles loops of `lanes` f16 (0: of scalars of their bits) for the
/// baseline CPU, which has no instruction for it; all values of f16 as f32.
std::vector<float> convertAll(int64_t lanes) {
  auto context = makeContext();
  context->loadDialect<arith::ArithDialect, memref::MemRefDialect,
                       scf::SCFDialect, vector::VectorDialect>();
  auto module =
      parse(*context,
            wrapKernels("func.func @half_0(%x: memref<65536xf16>, %y: "
                        "memref<65536xf32>, %rows: index, %begin: index, %end: "
                        "index) { return }"));
  if (!module) {
    return {};
  }
  func::FuncOp kernel;
  module->walk([&](func::FuncOp op) { kernel = op; });
  ImplicitLocOpBuilder b(kernel.getLoc(), context.get());
  b.setInsertionPointToStart(&kernel.getBody().front());
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  };
  auto loop = scf::ForOp::create(b, index(0), index(kHalves),
                                 index(std::max<int64_t>(lanes, 1)));
  b.setInsertionPointToStart(loop.getBody());
  Value i = loop.getInductionVar();
  Value x = kernel.getArgument(0), y = kernel.getArgument(1);
  if (lanes == 0) {
    Value half = memref::LoadOp::create(b, x, i);
    half = arith::BitcastOp::create(b, b.getI16Type(), half);
    memref::StoreOp::create(b, extendHalf(b, half), y, i);
  } else {
    auto type = VectorType::get({lanes}, b.getF16Type());
    Value halves = vector::LoadOp::create(b, type, x, i);
    vector::StoreOp::create(b, extendHalf(b, halves), y, i);
  }
  if (!lower(*module)) {
    return {};
  }
  auto objects = compileKernels(*module, {});
  // The link fails if a symbol is missing, such as __extendhfsf2.
  auto image = objects ? linkKernels(*objects) : objects.takeError();
  Kernel run = image ? loadKernel(*image, "half_0") : nullptr;
  if (!run) {
    return {};
  }
  std::vector<uint16_t> halves(kHalves);
  for (int64_t i = 0; i < kHalves; ++i) {
    halves[i] = static_cast<uint16_t>(i);
  }
  std::vector<float> values(kHalves);
  void *pointers[] = {halves.data(), values.data()};
  int64_t scalars[] = {1, 0};
  run(pointers, scalars, 0, 1);
  return values;
}

TEST(HalfFloatTest, EveryFiniteValueIsExact) {
  for (int64_t lanes : {0, 1, 4, 16}) {
    std::vector<float> values = convertAll(lanes);
    ASSERT_EQ(values.size(), static_cast<size_t>(kHalves)) << lanes;
    for (int64_t i = 0; i < kHalves; ++i) {
      if ((i & 0x7c00) == 0x7c00) {
        continue; // infinity and NaN
      }
      float expected = ::gemma::fromHalf(static_cast<uint16_t>(i));
      ASSERT_EQ(values[i], expected) << i << " of " << lanes;
      ASSERT_EQ(std::signbit(values[i]), i >= 0x8000) << i;
    }
  }
}

} // namespace
