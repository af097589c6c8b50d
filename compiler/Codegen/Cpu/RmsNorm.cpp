//===- RmsNorm.cpp - Code for gemma.rms_norm -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::gemma;

/// Sum of the squares of `width` columns from `first` on: 16 sums side by
/// side, then the lanes in a fixed order.
static Value sumSquares(KernelBuilder &kernel, Value x, Value row, Value first,
                        int64_t width) {
  auto squares = [&](Value column, int64_t lanes) {
    Value values = kernel.load(x, {row, kernel.add(first, column)}, lanes);
    return kernel.mulF(values, values);
  };
  int64_t whole = width / kLanes * kLanes;
  Value sum;
  if (whole > 0) {
    SmallVector<Value> sums = kernel.forRange(
        kernel.index(0), kernel.index(whole), kLanes,
        ValueRange{kernel.splat(0.0, kLanes)},
        [&](Value column, ValueRange carried) -> SmallVector<Value> {
          return {kernel.addF(carried.front(), squares(column, kLanes))};
        });
    sum = kernel.sumLanes(sums.front());
  }
  if (whole < width) {
    Value rest = kernel.sumLanes(squares(kernel.index(whole), width - whole));
    sum = sum ? kernel.addF(sum, rest) : rest;
  }
  return sum;
}

LogicalResult mlir::gemma::lowerRmsNorm(RmsNormOp op, KernelBuilder &kernel) {
  Value x = kernel.getBuffer(op.getX());
  Value out = kernel.getBuffer(op.getOut());
  int64_t width = op.getOut().getType().getDimSize(1);
  int64_t group = op.getGroup();
  Value weight;
  if (op.getWeight()) {
    weight = kernel.viewWeight(op.getWeight(), {group}, kernel.b.getF32Type());
  }

  auto normalise = [&](Value row, Value first) {
    Value sum = sumSquares(kernel, x, row, first, group);
    Value mean = kernel.divF(sum, kernel.f32(group));
    Value shifted =
        kernel.addF(mean, kernel.f32(op.getEpsilonAttr().getValueAsDouble()));
    Value root = math::SqrtOp::create(kernel.b, shifted);
    Value scale = kernel.divF(kernel.f32(1.0), root);
    kernel.forColumns(group, [&](Value column, int64_t lanes) {
      Value place = kernel.add(first, column);
      Value values = kernel.mulF(kernel.load(x, {row, place}, lanes),
                                 kernel.broadcast(scale, lanes));
      if (weight) {
        Value factor = kernel.load(weight, {column}, lanes);
        if (op.getUnitOffset()) {
          factor = kernel.addF(factor, kernel.splat(1.0, lanes));
        }
        values = kernel.mulF(values, factor);
      }
      kernel.store(values, out, {row, place});
    });
  };
  kernel.forItems([&](Value row) {
    kernel.forRange(kernel.index(0), kernel.index(width), group,
                    [&](Value first) { normalise(row, first); });
  });
  return success();
}
