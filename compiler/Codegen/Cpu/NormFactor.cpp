//===- NormFactor.cpp - The factor of a row's RMSNorm -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/NormFactor.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::gemma;

/// Sums side by side, which hide the latency of an addition.
static constexpr int64_t kChains = 4;

static Value sumSquares(KernelBuilder &kernel, Value x, Value row, Value first,
                        int64_t width) {
  auto squares = [&](Value column, int64_t lanes) {
    Value values = kernel.load(x, {row, kernel.add(first, column)}, lanes);
    return kernel.mulF(values, values);
  };
  // Whole groups of vectors, whole vectors, and what is left.
  int64_t step = kChains * kLanes;
  int64_t grouped = width / step * step;
  int64_t whole = width / kLanes * kLanes;
  SmallVector<Value> sums(kChains, kernel.splat(0.0, kLanes));
  if (grouped > 0) {
    sums = kernel.forRange(
        kernel.index(0), kernel.index(grouped), step, sums,
        [&](Value column, ValueRange carried) {
          SmallVector<Value> next;
          for (auto [i, sum] : llvm::enumerate(carried)) {
            Value place = kernel.add(column, static_cast<int64_t>(i) * kLanes);
            next.push_back(kernel.addF(sum, squares(place, kLanes)));
          }
          return next;
        });
  }
  for (int64_t column = grouped; column < whole; column += kLanes) {
    Value &sum = sums[(column - grouped) / kLanes];
    sum = kernel.addF(sum, squares(kernel.index(column), kLanes));
  }
  Value sum = kernel.sumLanes(kernel.addF(kernel.addF(sums[0], sums[1]),
                                          kernel.addF(sums[2], sums[3])));
  if (whole < width) {
    Value rest = kernel.sumLanes(squares(kernel.index(whole), width - whole));
    sum = kernel.addF(sum, rest);
  }
  return sum;
}

Value mlir::gemma::getNormFactor(KernelBuilder &kernel, Value x, Value row,
                                 Value first, int64_t width, double epsilon) {
  Value mean =
      kernel.divF(sumSquares(kernel, x, row, first, width), kernel.f32(width));
  Value root =
      math::SqrtOp::create(kernel.b, kernel.addF(mean, kernel.f32(epsilon)));
  return kernel.divF(kernel.f32(1.0), root);
}

Value mlir::gemma::scaleByNorm(KernelBuilder &kernel, Value values,
                               Value weight, Value column, bool unitOffset) {
  int64_t lanes = cast<VectorType>(values.getType()).getNumElements();
  Value factor = kernel.load(weight, {column}, lanes);
  if (unitOffset) {
    factor = kernel.addF(factor, kernel.splat(1.0, lanes));
  }
  return kernel.mulF(values, factor);
}
