//===- NormResidual.cpp - Code for gemma.norm_residual -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Codegen/Cpu/RowPacker.h"

#include <optional>

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerNormResidual(NormResidualOp op,
                                             KernelBuilder &kernel) {
  Value x = kernel.getBuffer(op.getX());
  Value residual = kernel.getBuffer(op.getResidual());
  Value out = kernel.getBuffer(op.getOuts()[0]);
  int64_t width = cast<MemRefType>(op.getX().getType()).getDimSize(1);
  auto view = [&](Value weight) {
    return weight ? kernel.viewWeight(weight, {width}, kernel.b.getF32Type())
                  : Value();
  };
  Value weight = view(op.getWeight());
  Value packWeight = view(op.getPackWeight());
  std::optional<RowPacker> packer;
  if (op.getKind()) {
    packer.emplace(kernel, kernel.getBuffer(op.getOuts()[1]), *op.getKind(),
                   width);
  }

  // The rest of the stream at `column`, stored; gives what is to be packed, as
  // 16 lanes.
  auto finish = [&](Value row, Value column, int64_t lanes,
                    Value factor) -> Value {
    if (lanes <= 0) {
      return kernel.splat(0.0, kLanes);
    }
    lanes = std::min(lanes, kLanes);
    Value values = kernel.mulF(kernel.load(x, {row, column}, lanes),
                               kernel.broadcast(factor, lanes));
    if (weight) {
      values = scaleByNorm(kernel, values, weight, column, op.getUnitOffset());
    }
    values = kernel.addF(kernel.load(residual, {row, column}, lanes), values);
    kernel.store(values, out, {row, column});
    if (packWeight) {
      values = scaleByNorm(kernel, values, packWeight, column,
                           op.getPackUnitOffset());
    }
    return padLanes(kernel, values);
  };
  auto emitBlock = [&](Value row, Value column, int64_t count, Value factor) {
    Value low = finish(row, column, count, factor);
    Value high =
        finish(row, kernel.add(column, kLanes), count - kLanes, factor);
    if (packer) {
      packer->store(row, column, low, high, count);
    }
  };
  int64_t whole = width / kScaleBlock * kScaleBlock;
  kernel.forItems([&](Value row) {
    Value factor = getNormFactor(kernel, x, row, kernel.index(0), width,
                                 op.getEpsilonAttr().getValueAsDouble());
    kernel.forRange(
        kernel.index(0), kernel.index(whole), kScaleBlock,
        [&](Value column) { emitBlock(row, column, kScaleBlock, factor); });
    if (whole < width) {
      emitBlock(row, kernel.index(whole), width - whole, factor);
    }
    if (packer) {
      packer->storePadding(row);
    }
  });
  return success();
}
