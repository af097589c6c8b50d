//===- LmHead.cpp - Code for gemma.lm_head -*- C++ -*-===//
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

LogicalResult mlir::gemma::lowerLmHead(LmHeadOp op, KernelBuilder &kernel) {
  if (!op.getPacked()) {
    return op.emitOpError("expected packed rows, found none");
  }
  auto packed = cast<PackedType>(op.getWeight().getType());
  Matmul matmul(kernel, packed, kernel.getBuffer(op.getPacked()));
  Value memory = matmul.getMemory(op.getWeight());
  Value out = kernel.getBuffer(op.getOut());
  Value indices = kernel.getBuffer(op.getIndices());
  NormFactors factors(kernel, kernel.getBuffer(op.getX()),
                      op.getEpsilonAttr().getValueAsDouble(), indices);
  auto finish = [&](Value sums, Value row) -> Value {
    Value logits = factors.apply(sums, row);
    FloatAttr cap = op.getCapAttr();
    return cap ? emitSoftcap(kernel, logits, cap.getValueAsDouble()) : logits;
  };

  auto emitItem = [&](Value column, int64_t count) {
    Value panel = kernel.div(column, kPanel);
    SmallVector<WeightPanel> panels =
        matmul.getPanels(memory, panel, llvm::divideCeil(count, kPanel));
    auto store = [&](Value row, ArrayRef<Value> sums) {
      for (auto [p, sum] : llvm::enumerate(sums)) {
        auto offset = static_cast<int64_t>(p) * kPanel;
        storeLanes(kernel, finish(sum, row), out, row,
                   kernel.add(column, offset),
                   std::min(count - offset, kPanel));
      }
    };
    matmul.forRows(panels, store, [&](Value row) -> Value {
      return kernel.loadIndex(indices, row);
    });
  };
  kernel.forItems([&](Value item) {
    forItemColumns(kernel, item, packed.getShape()[0], emitItem);
  });
  return success();
}
