//===- RmsNorm.cpp - Code for gemma.rms_norm -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"

using namespace mlir;
using namespace mlir::gemma;

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
    Value scale = getNormFactor(kernel, x, row, first, group,
                                op.getEpsilonAttr().getValueAsDouble());
    kernel.forColumns(group, [&](Value column, int64_t lanes) {
      Value place = kernel.add(first, column);
      Value values = kernel.mulF(kernel.load(x, {row, place}, lanes),
                                 kernel.broadcast(scale, lanes));
      if (weight) {
        values =
            scaleByNorm(kernel, values, weight, column, op.getUnitOffset());
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
