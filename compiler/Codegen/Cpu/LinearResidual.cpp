//===- LinearResidual.cpp - Code for gemma.linear_residual -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Codegen/Cpu/MatmulColumns.h"
#include "compiler/Codegen/Cpu/RowPacker.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerLinearResidual(LinearResidualOp op,
                                               KernelBuilder &kernel) {
  auto packed = cast<PackedType>(op.getWeight().getType());
  int64_t columns = packed.getShape()[0];
  Matmul matmul(kernel, packed, kernel.getBuffer(op.getX()));
  Value memory = matmul.getMemory(op.getWeight());
  Value residual = kernel.getBuffer(op.getResidual());
  Value out = kernel.getBuffer(op.getOuts()[0]);
  std::optional<RowPacker> packer;
  Value norm;
  if (op.getKind()) {
    packer.emplace(kernel, kernel.getBuffer(op.getOuts()[1]), *op.getKind(),
                   columns);
    if (op.getNormWeight()) {
      norm = kernel.viewWeight(op.getNormWeight(), {columns},
                               kernel.b.getF32Type());
    }
  }

  // One half of an item: added, stored, and scaled for the next norm.
  auto finish = [&](Value sums, Value row, Value column,
                    int64_t count) -> Value {
    if (count <= 0) {
      return sums;
    }
    count = std::min(count, kPanel);
    Value old = padLanes(kernel, kernel.load(residual, {row, column}, count));
    Value value = kernel.addF(old, sums);
    storeLanes(kernel, value, out, row, column, count);
    if (!norm) {
      return value;
    }
    Value factor = padLanes(kernel, kernel.load(norm, {column}, count));
    if (op.getUnitOffset()) {
      factor = kernel.addF(factor, kernel.splat(1.0, kPanel));
    }
    return kernel.mulF(value, factor);
  };
  kernel.forItems([&](Value item) {
    forItemColumns(kernel, item, columns, [&](Value column, int64_t count) {
      emitPanelPair(kernel, matmul, memory, column, count,
                    [&](Value row, Value low, Value high) {
                      low = finish(low, row, column, count);
                      high = finish(high, row, kernel.add(column, kPanel),
                                    count - kPanel);
                      if (packer) {
                        packer->store(row, column, low, high, count);
                      }
                    });
    });
  });
  return success();
}
