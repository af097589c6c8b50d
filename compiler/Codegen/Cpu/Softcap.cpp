//===- Softcap.cpp - Code for gemma.softcap -*- C++ -*-===//
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

Value mlir::gemma::emitSoftcap(KernelBuilder &kernel, Value x, double cap) {
  int64_t lanes = cast<VectorType>(x.getType()).getNumElements();
  Value scaled = kernel.mulF(x, kernel.splat(1.0 / cap, lanes));
  return kernel.mulF(math::TanhOp::create(kernel.b, scaled),
                     kernel.splat(cap, lanes));
}

LogicalResult mlir::gemma::lowerSoftcap(SoftcapOp op, KernelBuilder &kernel) {
  Value x = kernel.getBuffer(op.getX());
  Value out = kernel.getBuffer(op.getOut());
  int64_t width = op.getOut().getType().getDimSize(1);
  double cap = op.getCapAttr().getValueAsDouble();

  Grid grid = getGrid(op, kernel.target);
  kernel.forRowTiles(grid, [&](Value row, Value tile) {
    kernel.forTileColumns(tile, width, [&](Value column, int64_t lanes) {
      Value values = kernel.load(x, {row, column}, lanes);
      kernel.store(emitSoftcap(kernel, values, cap), out, {row, column});
    });
  });
  return success();
}
