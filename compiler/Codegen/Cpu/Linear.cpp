//===- Linear.cpp - Code for gemma.linear: the matmul generator -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// An item is one or two panels of 16 columns, for all rows. Rows are taken in
// blocks, as many as there are registers for sums, over the same packed
// weight. Every sum is one ascending chain over K, so that a row's bits do
// not depend on the block it is in; several chains side by side hide the
// latency of the multiply-add.
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/HalfFloat.h"
#include "compiler/Codegen/Cpu/Lowerings.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"

using namespace mlir;
using namespace mlir::gemma;

/// Panels start at cache lines.
static constexpr int64_t kAlignment = 64;

namespace {

/// The matmul of one encoding; a step is one K value, or a pair of bf16.
class LinearKernel {
public:
  LinearKernel(LinearOp op, KernelBuilder &kernel);
  void emit();

private:
  /// Panels [first, first + count) for all rows.
  void emitPanels(Value first, int64_t count);
  /// Panels [first, first + count) for rows [row, row + height).
  void emitBlock(Value first, int64_t count, Value row, int64_t height);
  /// Sums plus the products of one step. `isPadded`: the second value of a
  /// pair is beyond K.
  SmallVector<Value> emitStep(Value first, int64_t count, Value row,
                              int64_t height, Value step, ValueRange sums,
                              bool isPadded);
  void storePanel(Value panel, Value row, ArrayRef<Value> sums);

  /// One step of a panel: 16 f32, or 16 pairs of bf16.
  Value loadWeights(Value panel, Value step);
  /// One step of a row, as one lane: an f32, or a pair of bf16 as i32.
  Value loadInput(Value row, Value step, bool isPadded);
  /// sum + the products of a step.
  Value multiply(Value weights, Value input, Value sum);
  /// The lower or upper bf16 of each i32, as f32.
  Value lowHalf(Value pairs);
  Value highHalf(Value pairs);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  bool isBf16;
  int64_t columns;
  int64_t depth;
  int64_t pair;
  int64_t panels;
  Value x;
  Value weights;
  Value out;
};

} // namespace

LinearKernel::LinearKernel(LinearOp op, KernelBuilder &kernel)
    : kernel(kernel), b(kernel.b) {
  auto packed = cast<PackedType>(op.getWeight().getType());
  isBf16 = packed.getEncoding().getKind() == EncodingKind::BF16;
  columns = packed.getShape()[0];
  depth = packed.getShape()[1];
  pair = isBf16 ? 2 : 1;
  panels = llvm::divideCeil(columns, kPanel);
  x = kernel.getBuffer(op.getX());
  out = kernel.getBuffer(op.getOut());
  int64_t steps = llvm::divideCeil(depth, pair);
  weights = kernel.viewWeight(op.getWeight(), {panels, steps, kPanel * pair},
                              packed.getEncoding().getElementType());
}

void LinearKernel::emit() {
  int64_t group = kernel.target.panelsPerItem;
  kernel.forItems([&](Value item) {
    Value first = kernel.mul(item, group);
    int64_t rest = panels % group;
    if (rest == 0) {
      return emitPanels(first, group);
    }
    Value isWhole = kernel.less(item, kernel.index(panels / group));
    kernel.when(
        isWhole, [&] { emitPanels(first, group); },
        [&] { emitPanels(first, rest); });
  });
}

void LinearKernel::emitPanels(Value first, int64_t count) {
  Value begin = kernel.index(0);
  for (int64_t height : kernel.target.rowBlocks) {
    Value left = kernel.sub(kernel.getRows(), begin);
    Value covered = kernel.mul(kernel.div(left, height), height);
    Value end = kernel.add(begin, covered);
    kernel.forRange(begin, end, height,
                    [&](Value row) { emitBlock(first, count, row, height); });
    begin = end;
  }
}

void LinearKernel::emitBlock(Value first, int64_t count, Value row,
                             int64_t height) {
  SmallVector<Value> sums(count * height, kernel.splat(0.0, kPanel));
  sums = kernel.forRange(kernel.index(0), kernel.index(depth / pair), 1, sums,
                         [&](Value step, ValueRange carried) {
                           return emitStep(first, count, row, height, step,
                                           carried, /*isPadded=*/false);
                         });
  if (depth % pair != 0) {
    sums = emitStep(first, count, row, height, kernel.index(depth / pair), sums,
                    /*isPadded=*/true);
  }
  for (int64_t i = 0; i < count; ++i) {
    storePanel(kernel.add(first, i), row,
               ArrayRef<Value>(sums).slice(i * height, height));
  }
}

SmallVector<Value> LinearKernel::emitStep(Value first, int64_t count, Value row,
                                          int64_t height, Value step,
                                          ValueRange sums, bool isPadded) {
  SmallVector<Value> panelWeights;
  for (int64_t i = 0; i < count; ++i) {
    panelWeights.push_back(loadWeights(kernel.add(first, i), step));
  }
  SmallVector<Value> results(sums.begin(), sums.end());
  for (int64_t r = 0; r < height; ++r) {
    Value input = loadInput(kernel.add(row, r), step, isPadded);
    for (int64_t i = 0; i < count; ++i) {
      Value &sum = results[i * height + r];
      sum = multiply(panelWeights[i], input, sum);
    }
  }
  return results;
}

void LinearKernel::storePanel(Value panel, Value row, ArrayRef<Value> sums) {
  Value column = kernel.mul(panel, kPanel);
  auto storeLanes = [&](int64_t lanes) {
    for (auto [r, sum] : llvm::enumerate(sums)) {
      Value part = sum;
      if (lanes < kPanel) {
        part = vector::ExtractStridedSliceOp::create(
            b, sum, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{lanes},
            ArrayRef<int64_t>{1});
      }
      kernel.store(part, out,
                   {kernel.add(row, static_cast<int64_t>(r)), column});
    }
  };
  int64_t rest = columns % kPanel;
  if (rest == 0) {
    return storeLanes(kPanel);
  }
  Value isWhole = kernel.less(panel, kernel.index(panels - 1));
  kernel.when(isWhole, [&] { storeLanes(kPanel); }, [&] { storeLanes(rest); });
}

Value LinearKernel::loadWeights(Value panel, Value step) {
  auto element = cast<MemRefType>(weights.getType()).getElementType();
  // A panel's step of f16 is half a cache line.
  int64_t alignment = element.isF16() ? kAlignment / 2 : kAlignment;
  Value loaded = vector::LoadOp::create(
      b, VectorType::get({kPanel * pair}, element), weights,
      ValueRange{panel, step, kernel.index(0)}, /*nontemporal=*/false,
      llvm::MaybeAlign(alignment));
  return element.isF16() ? extendHalf(b, loaded) : loaded;
}

Value LinearKernel::loadInput(Value row, Value step, bool isPadded) {
  if (!isBf16) {
    return memref::LoadOp::create(b, x, ValueRange{row, step});
  }
  Value column = kernel.mul(step, 2);
  auto i32 = b.getI32Type();
  if (isPadded) {
    Value last = memref::LoadOp::create(b, x, ValueRange{row, column});
    Value bits = arith::BitcastOp::create(b, b.getIntegerType(16), last);
    return arith::ExtUIOp::create(b, i32, bits);
  }
  Value both = vector::LoadOp::create(b, VectorType::get({2}, b.getBF16Type()),
                                      x, ValueRange{row, column});
  Value word = vector::BitCastOp::create(b, VectorType::get({1}, i32), both);
  return vector::ExtractOp::create(b, word, ArrayRef<int64_t>{0});
}

Value LinearKernel::lowHalf(Value pairs) {
  auto type = cast<VectorType>(pairs.getType());
  Value shift = arith::ConstantOp::create(
      b, DenseElementsAttr::get(type, b.getI32IntegerAttr(16).getValue()));
  return arith::BitcastOp::create(b, type.clone(b.getF32Type()),
                                  arith::ShLIOp::create(b, pairs, shift));
}

Value LinearKernel::highHalf(Value pairs) {
  auto type = cast<VectorType>(pairs.getType());
  Value mask = arith::ConstantOp::create(
      b, DenseElementsAttr::get(type, llvm::APInt(32, 0xffff0000u)));
  return arith::BitcastOp::create(b, type.clone(b.getF32Type()),
                                  arith::AndIOp::create(b, pairs, mask));
}

Value LinearKernel::multiply(Value panelWeights, Value input, Value sum) {
  Value inputs = kernel.broadcast(input, kPanel);
  if (!isBf16) {
    return kernel.mulAdd(inputs, panelWeights, sum);
  }
  if (kernel.target.hasBf16Dot) {
    Value pairs = vector::BitCastOp::create(b, panelWeights.getType(), inputs);
    return x86vector::DotBF16Op::create(b, sum.getType(), sum, panelWeights,
                                        pairs);
  }
  // Products of bf16 are exact in f32, so only the sums round.
  Value words = vector::BitCastOp::create(b, inputs.getType(), panelWeights);
  sum = kernel.mulAdd(lowHalf(inputs), lowHalf(words), sum);
  return kernel.mulAdd(highHalf(inputs), highHalf(words), sum);
}

LogicalResult mlir::gemma::lowerLinear(LinearOp op, KernelBuilder &kernel) {
  auto packed = cast<PackedType>(op.getWeight().getType());
  if (packed.getEncoding().isQuantized()) {
    return op.emitOpError("has no code generation for ")
           << stringifyEncodingKind(packed.getEncoding().getKind())
           << " weights";
  }
  LinearKernel(op, kernel).emit();
  return success();
}
