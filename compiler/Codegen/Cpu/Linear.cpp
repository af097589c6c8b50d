//===- Linear.cpp - Code for gemma.linear and its kind -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Codegen/Cpu/MatmulColumns.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerLinear(LinearOp op, KernelBuilder &kernel) {
  auto packed = cast<PackedType>(op.getWeight().getType());
  Matmul matmul(kernel, packed, kernel.getBuffer(op.getX()));
  Value memory = matmul.getMemory(op.getWeight());
  Value out = kernel.getBuffer(op.getOut());
  kernel.forItems([&](Value item) {
    forItemColumns(kernel, item, packed.getShape()[0],
                   [&](Value column, int64_t count) {
                     emitPanelPair(kernel, matmul, memory, column, count,
                                   [&](Value row, Value low, Value high) {
                                     storeLanes(kernel, low, out, row, column,
                                                std::min(count, kPanel));
                                     storeLanes(kernel, high, out, row,
                                                kernel.add(column, kPanel),
                                                count - kPanel);
                                   });
                   });
  });
  return success();
}
