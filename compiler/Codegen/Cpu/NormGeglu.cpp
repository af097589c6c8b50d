//===- NormGeglu.cpp - Code for gemma.norm_geglu -*- C++ -*-===//
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

LogicalResult mlir::gemma::lowerNormGeglu(NormGegluOp op,
                                          KernelBuilder &kernel) {
  if (!op.getPacked()) {
    return op.emitOpError("expected packed rows, found none");
  }
  auto packed = cast<PackedType>(op.getGate().getType());
  int64_t columns = packed.getShape()[0];
  Matmul matmul(kernel, packed, kernel.getBuffer(op.getPacked()));
  Value gate = matmul.getMemory(op.getGate());
  Value up = matmul.getMemory(op.getUp());
  RowPacker packer(kernel, kernel.getBuffer(op.getOut()),
                   op.getKind().value_or(EncodingKind::F32), columns);
  NormFactors factors(kernel, kernel.getBuffer(op.getX()),
                      op.getEpsilonAttr().getValueAsDouble());

  auto emitItem = [&](Value column, int64_t count) {
    Value panel = kernel.div(column, kPanel);
    // A gate's panel and its up's side by side, twice.
    SmallVector<WeightPanel> panels;
    for (int64_t i = 0; i * kPanel < count; ++i) {
      Value here = kernel.add(panel, i);
      panels.push_back(matmul.getPanel(gate, here));
      panels.push_back(matmul.getPanel(up, here));
    }
    matmul.forRows(panels, [&](Value row, ArrayRef<Value> sums) {
      SmallVector<Value, 2> halves;
      for (size_t p = 0; p < panels.size(); p += 2) {
        Value x = factors.apply(sums[p], row);
        Value y = factors.apply(sums[p + 1], row);
        halves.push_back(emitGeglu(kernel, op.getGelu(), x, y));
      }
      halves.resize(2, kernel.splat(0.0, kPanel));
      packer.store(row, column, halves[0], halves[1], count);
    });
  };
  kernel.forItems(
      [&](Value item) { forItemColumns(kernel, item, columns, emitItem); });
  return success();
}
