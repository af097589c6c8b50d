//===- NormLinear.cpp - Code for gemma.norm_linear -*- C++ -*-===//
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

LogicalResult mlir::gemma::lowerNormLinear(NormLinearOp op,
                                           KernelBuilder &kernel) {
  if (!op.getPacked()) {
    return op.emitOpError("expected packed rows, found none");
  }
  auto packed = cast<PackedType>(op.getWeights().front().getType());
  Matmul matmul(kernel, packed, kernel.getBuffer(op.getPacked()));
  NormFactors factors(kernel, kernel.getBuffer(op.getX()),
                      op.getEpsilonAttr().getValueAsDouble());

  // Items go through the weights one after the other.
  kernel.forItems([&](Value item) {
    int64_t first = 0;
    for (auto [weight, out] : llvm::zip(op.getWeights(), op.getOuts())) {
      int64_t columns = getWeightShape(weight.getType())[0];
      int64_t items = llvm::divideCeil(columns, kItemColumns);
      Value local = kernel.sub(item, kernel.index(first));
      Value isBefore = kernel.less(item, kernel.index(first));
      Value isHere = kernel.less(local, kernel.index(items));
      Value memory = matmul.getMemory(weight);
      Value buffer = kernel.getBuffer(out);
      auto emitItem = [&](Value column, int64_t count) {
        emitPanelPair(kernel, matmul, memory, column, count,
                      [&](Value row, Value low, Value high) {
                        storeLanes(kernel, factors.apply(low, row), buffer, row,
                                   column, std::min(count, kPanel));
                        storeLanes(kernel, factors.apply(high, row), buffer,
                                   row, kernel.add(column, kPanel),
                                   count - kPanel);
                      });
      };
      kernel.when(
          isBefore, [] {},
          [&] {
            kernel.when(isHere, [&] {
              forItemColumns(kernel, local, columns, emitItem);
            });
          });
      first += items;
    }
  });
  return success();
}
