//===- MatmulQuantized.cpp - The matmul generator: q8_0 and q4_0 -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights are unsigned, with a zero point, and rows signed, as vpdpbusd takes
// them. A block of 32 is an integer dot product, which is exact in any order;
// it starts from minus the zero point times the sum of the row's integers, and
// is added to the f32 sum times both scales.
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/HalfFloat.h"
#include "compiler/Codegen/Cpu/Matmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// Bytes of a superblock's scales, and of one of its vectors of integers.
static constexpr int64_t kLine = 64;
/// K values of one step: those of one 32-bit lane.
static constexpr int64_t kStep = 4;
/// Steps of a block.
static constexpr int64_t kSteps = kScaleBlock / kStep;

Value Matmul::loadWord(Value row, Value at, Type type) {
  Value bytes = vector::LoadOp::create(b, VectorType::get({4}, b.getI8Type()),
                                       x, ValueRange{row, at});
  Value word = vector::BitCastOp::create(b, VectorType::get({1}, type), bytes);
  return kernel.broadcast(
      vector::ExtractOp::create(b, word, ArrayRef<int64_t>{0}), kPanel);
}

Value Matmul::dot(Value sum, Value weights, Value input) {
  auto bytes = VectorType::get({kLine}, b.getI8Type());
  if (kernel.target.hasInt8Dot) {
    Value signedBytes = vector::BitCastOp::create(b, bytes, input);
    return LLVM::CallIntrinsicOp::create(
               b, sum.getType(),
               b.getStringAttr("llvm.x86.avx512.vpdpbusd.512"),
               ValueRange{sum, weights, signedBytes})
        .getResult(0);
  }
  // Byte by byte of the 32-bit lanes.
  auto words = cast<VectorType>(sum.getType());
  Value unsignedWords = vector::BitCastOp::create(b, words, weights);
  for (int64_t byte = 0; byte < kStep; ++byte) {
    Value w = arith::AndIOp::create(
        b, arith::ShRUIOp::create(b, unsignedWords, constant(words, 8 * byte)),
        constant(words, 0xff));
    Value v = arith::ShRSIOp::create(
        b, arith::ShLIOp::create(b, input, constant(words, 24 - 8 * byte)),
        constant(words, 24));
    sum = arith::AddIOp::create(b, sum, arith::MulIOp::create(b, w, v));
  }
  return sum;
}

SmallVector<Value> Matmul::emitSuperblock(ArrayRef<WeightPanel> panels,
                                          ArrayRef<Value> rows, Value block,
                                          ValueRange sums) {
  bool isQ8 = kind == EncodingKind::Q8_0;
  auto bytes = VectorType::get({kLine}, b.getI8Type());
  auto shorts = VectorType::get({kLine / 2}, b.getIntegerType(16));
  auto i32 = b.getI32Type();
  auto words = VectorType::get({kPanel}, i32);
  Value nibbles = constant(bytes, 0x0f);
  Value at = kernel.mul(block, panelBytes / (layout.values / kSuperblock));
  Value columns = kernel.mul(block, kSuperblock);
  Sums results(sums.begin(), sums.end());

  for (int64_t half = 0; half < kSuperblock / kScaleBlock; ++half) {
    Value scaleAt = kernel.add(kernel.mul(block, 8), 4 * half);
    SmallVector<Value> rowScales;
    SmallVector<Value> dots(results.size());
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value correction =
          loadWord(row, kernel.add(scaleAt, layout.getCorrections()), i32);
      for (size_t p = 0; p < panels.size(); ++p) {
        dots[p * rows.size() + r] = correction;
      }
    }
    auto step = [&](ArrayRef<Value> weights, int64_t number) {
      int64_t column = half * kScaleBlock + number * kStep;
      for (auto [r, row] : llvm::enumerate(rows)) {
        Value input = loadWord(row, kernel.add(columns, column), i32);
        for (size_t p = 0; p < panels.size(); ++p) {
          Value &sum = dots[p * rows.size() + r];
          sum = dot(sum, weights[p], input);
        }
      }
    };
    for (int64_t i = 0; i < (isQ8 ? kSteps : kSteps / 2); ++i) {
      SmallVector<Value> low, high;
      for (const WeightPanel &panel : panels) {
        int64_t line = half * (isQ8 ? kSteps : kSteps / 2) + i;
        Value loaded =
            loadWeights(panel, at, kLine + line * kLine, bytes, kLine);
        if (isQ8) {
          low.push_back(loaded);
          continue;
        }
        low.push_back(arith::AndIOp::create(b, loaded, nibbles));
        Value shifted = arith::ShRUIOp::create(
            b, vector::BitCastOp::create(b, shorts, loaded),
            constant(shorts, 4));
        high.push_back(arith::AndIOp::create(
            b, vector::BitCastOp::create(b, bytes, shifted), nibbles));
      }
      step(low, isQ8 ? i : 2 * i);
      if (!isQ8) {
        step(high, 2 * i + 1);
      }
    }
    for (Value row : rows) {
      rowScales.push_back(loadWord(row, kernel.add(scaleAt, layout.getScales()),
                                   b.getF32Type()));
    }
    for (auto [p, panel] : llvm::enumerate(panels)) {
      Value scales = extendHalf(
          b, loadWeights(panel, at, half * kLine / 2,
                         VectorType::get({kPanel}, b.getF16Type()), kLine / 2));
      for (size_t r = 0; r < rows.size(); ++r) {
        Value &sum = results[p * rows.size() + r];
        Value exact = arith::SIToFPOp::create(b, words.clone(b.getF32Type()),
                                              dots[p * rows.size() + r]);
        sum = kernel.mulAdd(exact, kernel.mulF(scales, rowScales[r]), sum);
      }
    }
  }
  return results;
}
