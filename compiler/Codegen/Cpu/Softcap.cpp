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

LogicalResult mlir::gemma::lowerSoftcap(SoftcapOp op, KernelBuilder &kernel) {
  Value x = kernel.getBuffer(op.getX());
  Value out = kernel.getBuffer(op.getOut());
  int64_t width = op.getOut().getType().getDimSize(1);
  double cap = op.getCapAttr().getValueAsDouble();

  Grid grid = getGrid(op, kernel.target);
  kernel.forRowTiles(grid, [&](Value row, Value tile) {
    kernel.forTileColumns(tile, width, [&](Value column, int64_t lanes) {
      Value values = kernel.load(x, {row, column}, lanes);
      Value scaled = kernel.mulF(values, kernel.splat(1.0 / cap, lanes));
      Value limited = math::TanhOp::create(kernel.b, scaled);
      kernel.store(kernel.mulF(limited, kernel.splat(cap, lanes)), out,
                   {row, column});
    });
  });
  return success();
}
