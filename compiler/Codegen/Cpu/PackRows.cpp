//===- PackRows.cpp - Code for gemma.pack_rows -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Codegen/Cpu/RowPacker.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

Value mlir::gemma::padLanes(KernelBuilder &kernel, Value values) {
  auto type = cast<VectorType>(values.getType());
  if (type.getNumElements() == kLanes) {
    return values;
  }
  return vector::InsertStridedSliceOp::create(
      kernel.b, values, kernel.splat(0.0, kLanes), ArrayRef<int64_t>{0},
      ArrayRef<int64_t>{1});
}

LogicalResult mlir::gemma::lowerPackRows(PackRowsOp op, KernelBuilder &kernel) {
  Value x = kernel.getBuffer(op.getX());
  int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
  RowPacker packer(kernel, kernel.getBuffer(op.getOut()), op.getKind(), width);
  Value weight;
  if (op.getWeight()) {
    weight = kernel.viewWeight(op.getWeight(), {width}, kernel.b.getF32Type());
  }
  auto loadPart = [&](Value row, Value column, int64_t lanes) -> Value {
    if (lanes <= 0) {
      return kernel.splat(0.0, kLanes);
    }
    lanes = std::min(lanes, kLanes);
    Value values = kernel.load(x, {row, column}, lanes);
    if (weight) {
      values = scaleByNorm(kernel, values, weight, column, op.getUnitOffset());
    }
    return padLanes(kernel, values);
  };
  auto pack = [&](Value row, Value column, int64_t count) {
    Value low = loadPart(row, column, count);
    Value high = loadPart(row, kernel.add(column, kLanes), count - kLanes);
    packer.store(row, column, low, high, count);
  };

  Grid grid = getGrid(op, kernel.target);
  int64_t whole = width / kScaleBlock * kScaleBlock;
  kernel.forRowTiles(grid, [&](Value row, Value tile) {
    Value first = kernel.mul(tile, kColumnTile);
    Value last =
        kernel.min(kernel.add(first, kColumnTile), kernel.index(whole));
    kernel.forRange(first, last, kScaleBlock,
                    [&](Value column) { pack(row, column, kScaleBlock); });
    kernel.when(kernel.equal(tile, kernel.index(grid.tiles - 1)), [&] {
      if (whole < width) {
        pack(row, kernel.index(whole), width - whole);
      }
      packer.storePadding(row);
    });
  });
  return success();
}
