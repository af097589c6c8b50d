//===- Matmul.cpp - The matmul generator: floats -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Matmul.h"

#include "compiler/Codegen/Cpu/HalfFloat.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;
using namespace mlir::gemma;

/// Steps of K in one turn of the loop.
static constexpr int64_t kUnroll = 4;

Matmul::Matmul(KernelBuilder &kernel, PackedType weights, Value x)
    : kernel(kernel), b(kernel.b), kind(weights.getEncoding().getKind()),
      depth(weights.getShape()[1]),
      panelBytes(weights.getEncoding().getPackedBytes({kPanel, depth})),
      layout(depth), x(x) {}

Value Matmul::getMemory(Value argument) {
  auto type = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
  return memref::CastOp::create(b, type, kernel.getBuffer(argument));
}

WeightPanel Matmul::getPanel(Value memory, Value panel) {
  return {memory, kernel.mul(panel, panelBytes)};
}

void Matmul::forRowBlocks(
    llvm::function_ref<void(Value row, int64_t height)> body) {
  Value begin = kernel.index(0);
  for (int64_t height : kernel.target.rowBlocks) {
    Value left = kernel.sub(kernel.getRows(), begin);
    Value covered = kernel.mul(kernel.div(left, height), height);
    Value end = kernel.add(begin, covered);
    kernel.forRange(begin, end, height, [&](Value row) { body(row, height); });
    begin = end;
  }
}

SmallVector<Value> Matmul::emit(ArrayRef<WeightPanel> panels,
                                ArrayRef<Value> rows) {
  // With one row, two panels of floats hide the latency of their chains; a
  // block of quantised values has chains enough, and one stream of memory is
  // read faster than two.
  int64_t together =
      isQuantized(kind) && rows.size() == 1 ? 1 : kernel.target.panelsPerItem;
  Sums sums;
  while (!panels.empty()) {
    auto some = panels.take_front(together);
    sums.append(emitTogether(some, rows));
    panels = panels.drop_front(some.size());
  }
  return sums;
}

SmallVector<Value> Matmul::emitTogether(ArrayRef<WeightPanel> panels,
                                        ArrayRef<Value> rows) {
  Sums sums(panels.size() * rows.size(), kernel.splat(0.0, kPanel));
  if (isQuantized(kind)) {
    int64_t blocks = layout.values / kSuperblock;
    return kernel.forRange(kernel.index(0), kernel.index(blocks), 1, sums,
                           [&](Value block, ValueRange carried) {
                             return emitSuperblock(panels, rows, block,
                                                   carried);
                           });
  }
  // bf16 weights end in a zero where K is odd, but rows do not.
  int64_t pair = kind == EncodingKind::BF16 ? 2 : 1;
  int64_t steps = depth / pair;
  int64_t grouped = steps / kUnroll * kUnroll;
  sums = kernel.forRange(kernel.index(0), kernel.index(grouped), kUnroll, sums,
                         [&](Value step, ValueRange carried) {
                           return emitFloatSteps(panels, rows, step, kUnroll,
                                                 carried);
                         });
  return emitFloatSteps(panels, rows, kernel.index(grouped),
                        llvm::divideCeil(depth, pair) - grouped, sums);
}

SmallVector<Value> Matmul::emitFloatSteps(ArrayRef<WeightPanel> panels,
                                          ArrayRef<Value> rows, Value step,
                                          int64_t count, ValueRange sums) {
  Sums results(sums.begin(), sums.end());
  std::optional<int64_t> known = getConstantIntValue(step);
  for (int64_t i = 0; i < count; ++i) {
    Value here = known ? kernel.index(*known + i) : kernel.add(step, i);
    SmallVector<Value> weights;
    for (const WeightPanel &panel : panels) {
      weights.push_back(loadFloatWeights(panel, here));
    }
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

Value Matmul::loadWeights(const WeightPanel &panel, Value at, int64_t bytes,
                          VectorType type, int64_t alignment) {
  int64_t size = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  Value place = kernel.add(kernel.add(panel.offset, at), bytes);
  Value loaded = vector::LoadOp::create(
      b, VectorType::get({size}, b.getI8Type()), panel.memory,
      ValueRange{place}, /*nontemporal=*/false, llvm::MaybeAlign(alignment));
  return type == loaded.getType()
             ? loaded
             : vector::BitCastOp::create(b, type, loaded).getResult();
}

Value Matmul::loadFloatWeights(const WeightPanel &panel, Value step) {
  if (kind == EncodingKind::F16) {
    return extendHalf(b, loadWeights(panel, kernel.mul(step, 32), 0,
                                     VectorType::get({kPanel}, b.getF16Type()),
                                     32));
  }
  auto type = kind == EncodingKind::F32
                  ? VectorType::get({kPanel}, b.getF32Type())
                  : VectorType::get({2 * kPanel}, b.getBF16Type());
  return loadWeights(panel, kernel.mul(step, 64), 0, type, 64);
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

Value Matmul::constant(VectorType type, int64_t bits) {
  unsigned width = type.getElementTypeBitWidth();
  return arith::ConstantOp::create(
      b,
      DenseElementsAttr::get(type, llvm::APInt(width, bits, /*isSigned=*/false,
                                               /*implicitTrunc=*/true)));
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
    return x86vector::DotBF16Op::create(b, sum.getType(), sum, weights, pairs);
  }
  // Products of bf16 are exact in f32, so only the sums round.
  Value words = vector::BitCastOp::create(b, input.getType(), weights);
  sum = kernel.mulAdd(lowHalf(input), lowHalf(words), sum);
  return kernel.mulAdd(highHalf(input), highHalf(words), sum);
}
