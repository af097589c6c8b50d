//===- MatmulColumns.cpp - Items of 32 columns of a matmul -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/MatmulColumns.h"

#include "compiler/Codegen/Cpu/NormFactor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

void mlir::gemma::forItemColumns(
    KernelBuilder &kernel, Value item, int64_t columns,
    llvm::function_ref<void(Value, int64_t)> body) {
  Value column = kernel.mul(item, kItemColumns);
  int64_t rest = columns % kItemColumns;
  if (rest == 0) {
    return body(column, kItemColumns);
  }
  Value isWhole = kernel.less(item, kernel.index(columns / kItemColumns));
  kernel.when(
      isWhole, [&] { body(column, kItemColumns); },
      [&] { body(column, rest); });
}

void mlir::gemma::storeLanes(KernelBuilder &kernel, Value values, Value buffer,
                             Value row, Value column, int64_t count) {
  if (count <= 0) {
    return;
  }
  if (count < kPanel) {
    values = vector::ExtractStridedSliceOp::create(
        kernel.b, values, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  }
  kernel.store(values, buffer, {row, column});
}

void mlir::gemma::emitPanelPair(
    KernelBuilder &kernel, Matmul &matmul, Value memory, Value column,
    int64_t count, llvm::function_ref<void(Value, Value, Value)> store) {
  Value panel = kernel.div(column, kPanel);
  SmallVector<WeightPanel> panels =
      matmul.getPanels(memory, panel, llvm::divideCeil(count, kPanel));
  matmul.forRows(panels, [&](Value row, ArrayRef<Value> sums) {
    store(row, sums[0], sums.size() > 1 ? sums[1] : kernel.splat(0.0, kPanel));
  });
}

NormFactors::NormFactors(KernelBuilder &kernel, Value x, double epsilon,
                         Value picked)
    : kernel(kernel) {
  auto type = cast<MemRefType>(x.getType());
  factors = kernel.allocate({type.getDimSize(0)});
  kernel.forRange(kernel.index(0), kernel.getRows(), 1, [&](Value row) {
    Value place = picked ? kernel.loadIndex(picked, row) : row;
    Value factor = getNormFactor(kernel, x, place, kernel.index(0),
                                 type.getDimSize(1), epsilon);
    kernel.storeScalar(factor, factors, row);
  });
}

Value NormFactors::apply(Value sums, Value row) const {
  return kernel.mulF(sums,
                     kernel.broadcast(kernel.loadScalar(factors, row), kPanel));
}
