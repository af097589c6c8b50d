//===- VerifyElementwise.cpp - The form of elementwise ops on buffers -----===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/VerifyElementwise.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

/// Whether `view` shows the first rows of its source, whole.
static bool isRowsInUse(memref::SubViewOp view) {
  ArrayRef<int64_t> shape = view.getSourceType().getShape();
  ArrayRef<int64_t> sizes = view.getStaticSizes();
  auto isAll = [](ArrayRef<int64_t> values, int64_t wanted) {
    return llvm::all_of(values, [&](int64_t v) { return v == wanted; });
  };
  return !sizes.empty() && ShapedType::isDynamic(sizes.front()) &&
         sizes.drop_front() == shape.drop_front() &&
         view.getType().getRank() == view.getSourceType().getRank() &&
         view.getSourceType().getLayout().isIdentity() &&
         isAll(view.getStaticOffsets(), 0) && isAll(view.getStaticStrides(), 1);
}

static LogicalResult verifyOperands(linalg::GenericOp generic) {
  Value rows;
  for (Value operand : generic->getOperands()) {
    auto view = operand.getDefiningOp<memref::SubViewOp>();
    if (!view || !isRowsInUse(view)) {
      return generic.emitOpError("expected operands that are the rows in use "
                                 "of a buffer");
    }
    if (rows && rows != view.getSizes().front()) {
      return generic.emitOpError("expected operands over the same rows");
    }
    rows = view.getSizes().front();
  }
  return success();
}

LogicalResult mlir::gemma::verifyElementwise(linalg::GenericOp generic) {
  if (generic.getNumDpsInits() != 1 || generic->getNumResults() != 0) {
    return generic.emitOpError("expected one buffer that is written");
  }
  if (failed(verifyOperands(generic))) {
    return failure();
  }
  if (!llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }) ||
      generic.getNumParallelLoops() != generic.getNumLoops()) {
    return generic.emitOpError("expected every element at its own place");
  }
  Block &body = *generic.getBody();
  auto inputs = body.getArguments().drop_back();
  if (!llvm::hasNItems(body, 2) || body.front().getNumRegions() != 0 ||
      body.front().getNumResults() != 1 ||
      !llvm::equal(body.front().getOperands(), inputs) ||
      body.getTerminator()->getOperand(0) != body.front().getResult(0)) {
    return generic.emitOpError("expected a body of one op over the inputs in "
                               "their order");
  }
  return success();
}
