//===- SelectRows.cpp - Code for gemma.select_rows -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerSelectRows(SelectRowsOp op,
                                           KernelBuilder &kernel) {
  Value x = kernel.getBuffer(op.getX());
  Value indices = kernel.getBuffer(op.getIndices());
  Value out = kernel.getBuffer(op.getOut());
  int64_t width = op.getOut().getType().getDimSize(1);

  kernel.forItems([&](Value row) {
    Value source = kernel.loadIndex(indices, row);
    kernel.forColumns(width, [&](Value column, int64_t lanes) {
      Value values = kernel.load(x, {source, column}, lanes);
      kernel.store(values, out, {row, column});
    });
  });
  return success();
}
