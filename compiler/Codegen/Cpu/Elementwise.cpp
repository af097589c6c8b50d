//===- Elementwise.cpp - Code for elementwise ops on rows -------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/VerifyElementwise.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// The argument of the source that an operand shows the rows in use of.
static Value getSource(Value operand) {
  return operand.getDefiningOp<memref::SubViewOp>().getSource();
}

/// `scalarOp` on vectors, or on scalars if `lanes` is 0.
static Value applyOp(Operation *scalarOp, ArrayRef<Value> operands,
                     int64_t lanes, KernelBuilder &kernel) {
  // Between bf16 and f32 as everywhere else, not as the CPU happens to do it.
  if (isa<arith::TruncFOp>(scalarOp) &&
      scalarOp->getResult(0).getType().isBF16()) {
    return kernel.round(operands.front());
  }
  Type type = scalarOp->getResult(0).getType();
  if (lanes > 0) {
    type = VectorType::get({lanes}, type);
  }
  OperationState state(kernel.b.getLoc(), scalarOp->getName(), operands, type,
                       scalarOp->getAttrs());
  return kernel.b.create(state)->getResult(0);
}

LogicalResult mlir::gemma::lowerElementwise(linalg::GenericOp op,
                                            KernelBuilder &kernel) {
  if (failed(verifyElementwise(op))) {
    return failure();
  }
  Operation *scalarOp = &op.getBody()->front();
  Value outArgument = getSource(op.getOutputs().front());
  Value out = kernel.getBuffer(outArgument);
  auto type = cast<MemRefType>(outArgument.getType());
  SmallVector<Value> inputs;
  for (Value input : op.getInputs()) {
    inputs.push_back(kernel.getBuffer(getSource(input)));
  }

  Grid grid = getGrid(op, kernel.target);
  if (type.getRank() == 1) {
    kernel.forItems([&](Value row) {
      SmallVector<Value> operands;
      for (Value input : inputs) {
        operands.push_back(memref::LoadOp::create(kernel.b, input, row));
      }
      Value result = applyOp(scalarOp, operands, 0, kernel);
      memref::StoreOp::create(kernel.b, result, out, row);
    });
    return success();
  }
  kernel.forRowTiles(grid, [&](Value row, Value tile) {
    kernel.forTileColumns(
        tile, type.getDimSize(1), [&](Value column, int64_t lanes) {
          SmallVector<Value> operands;
          for (Value input : inputs) {
            auto element = cast<MemRefType>(input.getType()).getElementType();
            operands.push_back(vector::LoadOp::create(
                kernel.b, VectorType::get({lanes}, element), input,
                ValueRange{row, column}));
          }
          Value result = applyOp(scalarOp, operands, lanes, kernel);
          vector::StoreOp::create(kernel.b, result, out,
                                  ValueRange{row, column});
        });
  });
  return success();
}
