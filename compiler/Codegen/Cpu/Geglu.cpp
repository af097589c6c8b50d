//===- Geglu.cpp - Code for gemma.geglu -*- C++ -*-===//
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

static constexpr double kSqrtTwoOverPi = 0.79788456080286535588;
static constexpr double kSqrtHalf = 0.70710678118654752440;

/// The factor of x in gelu(x), which is between 0 and 1.
static Value getGate(KernelBuilder &kernel, Gelu form, Value x, int64_t lanes) {
  Value sigmoid;
  if (form == Gelu::Tanh) {
    // sqrt(2/pi) (x + 0.044715 x^3)
    Value square = kernel.mulF(x, x);
    Value factor =
        kernel.addF(kernel.mulF(square, kernel.splat(0.044715, lanes)),
                    kernel.splat(1.0, lanes));
    Value angle = kernel.mulF(kernel.mulF(x, factor),
                              kernel.splat(kSqrtTwoOverPi, lanes));
    sigmoid = math::TanhOp::create(kernel.b, angle);
  } else {
    sigmoid = math::ErfOp::create(
        kernel.b, kernel.mulF(x, kernel.splat(kSqrtHalf, lanes)));
  }
  Value half = kernel.splat(0.5, lanes);
  return kernel.addF(kernel.mulF(sigmoid, half), half);
}

Value mlir::gemma::emitGeglu(KernelBuilder &kernel, Gelu form, Value gate,
                             Value up) {
  int64_t lanes = cast<VectorType>(gate.getType()).getNumElements();
  Value activated = kernel.mulF(gate, getGate(kernel, form, gate, lanes));
  return kernel.mulF(activated, up);
}

LogicalResult mlir::gemma::lowerGeglu(GegluOp op, KernelBuilder &kernel) {
  Value gate = kernel.getBuffer(op.getGate());
  Value up = kernel.getBuffer(op.getUp());
  Value out = kernel.getBuffer(op.getOut());
  int64_t width = op.getOut().getType().getDimSize(1);

  Grid grid = getGrid(op, kernel.target);
  kernel.forRowTiles(grid, [&](Value row, Value tile) {
    kernel.forTileColumns(tile, width, [&](Value column, int64_t lanes) {
      Value x = kernel.load(gate, {row, column}, lanes);
      Value y = kernel.load(up, {row, column}, lanes);
      kernel.store(emitGeglu(kernel, op.getGelu(), x, y), out, {row, column});
    });
  });
  return success();
}
