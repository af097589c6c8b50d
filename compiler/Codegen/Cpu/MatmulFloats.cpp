//===- MatmulFloats.cpp - The matmul generator: f32, f16 and bf16 ---------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/DotProducts.h"
#include "compiler/Codegen/Cpu/HalfFloat.h"
#include "compiler/Codegen/Cpu/Matmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

int64_t Matmul::getStepValues() const {
  return kind == EncodingKind::BF16 ? 2 : 1;
}

int64_t Matmul::countSteps() const {
  return llvm::divideCeil(depth, getStepValues());
}

int64_t Matmul::getStepBytes() const {
  return kPanel * (kind == EncodingKind::F16 ? 2 : 4);
}

SmallVector<Value> Matmul::emitSteps(ArrayRef<WeightPanel> panels,
                                     ArrayRef<Value> rows, Value step,
                                     int64_t count, ValueRange sums) {
  Sums results(sums.begin(), sums.end());
  startPrefetch(panels, kernel.mul(step, getStepBytes()));
  std::optional<int64_t> known = getConstantIntValue(step);
  for (int64_t i = 0; i < count; ++i) {
    Value here = known ? kernel.index(*known + i) : kernel.add(step, i);
    SmallVector<Value> weights;
    // A line is prefetched once, by the first of its steps.
    Value distance = ahead;
    ahead = i * getStepBytes() % kCacheLine == 0 ? ahead : nullptr;
    for (const WeightPanel &panel : panels) {
      weights.push_back(loadFloats(panel, here));
    }
    ahead = distance;
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value input = kernel.broadcast(loadInput(row, here), kPanel);
      for (size_t p = 0; p < panels.size(); ++p) {
        Value &sum = results[p * rows.size() + r];
        sum = multiply(weights[p], input, sum);
      }
    }
  }
  return results;
}

Value Matmul::loadFloats(const WeightPanel &panel, Value step) {
  Value at = kernel.mul(step, getStepBytes());
  auto load = [&](Type element) {
    int64_t lanes = 8 * getStepBytes() / element.getIntOrFloatBitWidth();
    return loadWeights(panel, at, 0, VectorType::get({lanes}, element),
                       getStepBytes());
  };
  switch (kind) {
  case EncodingKind::F16:
    return extendHalf(kernel, load(b.getF16Type()));
  case EncodingKind::F32:
    return load(b.getF32Type());
  default:
    return load(b.getBF16Type());
  }
}

Value Matmul::loadInput(Value row, Value step) {
  if (kind != EncodingKind::BF16) {
    return memref::LoadOp::create(b, x, ValueRange{row, step});
  }
  Value column = kernel.mul(step, 2);
  auto i32 = b.getI32Type();
  if (depth % 2 != 0) {
    if (auto last = getConstantIntValue(step); last && *last == depth / 2) {
      // The second value of the pair is beyond K.
      Value half = memref::LoadOp::create(b, x, ValueRange{row, column});
      Value bits = arith::BitcastOp::create(b, b.getIntegerType(16), half);
      return arith::ExtUIOp::create(b, i32, bits);
    }
  }
  Value both = vector::LoadOp::create(b, VectorType::get({2}, b.getBF16Type()),
                                      x, ValueRange{row, column});
  Value word = vector::BitCastOp::create(b, VectorType::get({1}, i32), both);
  return vector::ExtractOp::create(b, word, ArrayRef<int64_t>{0});
}

Value Matmul::lowHalf(Value pairs) {
  auto type = cast<VectorType>(pairs.getType());
  return arith::BitcastOp::create(
      b, type.clone(b.getF32Type()),
      arith::ShLIOp::create(b, pairs, constant(type, 16)));
}

Value Matmul::highHalf(Value pairs) {
  auto type = cast<VectorType>(pairs.getType());
  return arith::BitcastOp::create(
      b, type.clone(b.getF32Type()),
      arith::AndIOp::create(b, pairs, constant(type, 0xffff0000)));
}

Value Matmul::multiply(Value weights, Value input, Value sum) {
  if (kind != EncodingKind::BF16) {
    return kernel.mulAdd(input, weights, sum);
  }
  if (kernel.target.hasBf16Dot) {
    Value pairs = vector::BitCastOp::create(b, weights.getType(), input);
    return dotPairs(kernel, sum, weights, pairs);
  }
  // Products of bf16 are exact in f32, so only the sums round.
  Value words = vector::BitCastOp::create(b, input.getType(), weights);
  sum = kernel.mulAdd(lowHalf(input), lowHalf(words), sum);
  return kernel.mulAdd(highHalf(input), highHalf(words), sum);
}
