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
    SmallVector<WeightPanel> panels = {matmul.getPanel(memory, panel)};
    if (count > kPanel) {
      panels.push_back(matmul.getPanel(memory, kernel.add(panel, 1)));
    }
    matmul.forRowBlocks([&](Value first, int64_t height) {
      SmallVector<Value> rows = listRows(kernel, first, height);
      SmallVector<Value> picked;
      for (Value row : rows) {
        picked.push_back(kernel.loadIndex(indices, row));
      }
      SmallVector<Value> sums = matmul.emit(panels, picked);
      for (size_t p = 0; p < panels.size(); ++p) {
        auto offset = static_cast<int64_t>(p) * kPanel;
        for (auto [r, row] : llvm::enumerate(rows)) {
          storeLanes(kernel, finish(sums[p * height + r], row), out, row,
                     kernel.add(column, offset),
                     std::min(count - offset, kPanel));
        }
      }
    });
  };
  kernel.forItems([&](Value item) {
    forItemColumns(kernel, item, packed.getShape()[0], emitItem);
  });
  return success();
}
