//===- RowAccess.cpp - What the interpreted decoder ops share -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/RowAccess.h"

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

FailureOr<RowAccess> RowAccess::create(DecoderOpInterface op, Frame &frame) {
  RowAccess access(op, frame);
  if (!op.isBuffered()) {
    FailureOr<View> counted = frame.getView(op, op.getRowOperand());
    if (failed(counted)) {
      return failure();
    }
    access.rows = counted->getSizes()[0];
    if (op.givesRows()) {
      Value result = op->getResult(0);
      auto type = llvm::cast<RankedTensorType>(result.getType());
      if (!type.isDynamicDim(0) && type.getDimSize(0) != access.rows) {
        return op->emitOpError("expected ")
               << type.getDimSize(0) << " rows, found " << access.rows;
      }
      access.out = View::create(type.getElementType(),
                                {access.rows, type.getDimSize(1)});
      frame.set(result, *access.out);
    }
    return access;
  }
  access.rows = frame.getInt(op.getRows());
  if (access.rows < 0) {
    return op->emitOpError("expected 0 or more rows, found ") << access.rows;
  }
  if (op.givesRows()) {
    FailureOr<View> out = access.take(op.getOut());
    if (failed(out) || failed(out->claim(op))) {
      return failure();
    }
    access.out = *out;
  }
  return access;
}

FailureOr<View> RowAccess::take(Value operand) {
  FailureOr<View> view = frame.getView(op, operand);
  if (failed(view)) {
    return failure();
  }
  int64_t found = view->getSizes()[0];
  if (found < rows || (!op.isBuffered() && found != rows)) {
    return op->emitOpError("expected ") << rows << " rows, found " << found;
  }
  return view->takeFront(rows);
}

FailureOr<std::vector<double>> RowAccess::read(Value operand) {
  FailureOr<View> view = take(operand);
  if (failed(view)) {
    return failure();
  }
  return view->read(op);
}

FailureOr<std::vector<int64_t>> RowAccess::readInts(Value operand) {
  FailureOr<std::vector<double>> values = read(operand);
  if (failed(values)) {
    return failure();
  }
  return std::vector<int64_t>(values->begin(), values->end());
}

FailureOr<std::vector<double>> RowAccess::readWeight(Value weight, int64_t row,
                                                     int64_t count) {
  const RuntimeValue &value = frame.get(weight);
  if (auto *named = std::get_if<WeightOp>(&value)) {
    return frame.getInterpreter().readWeight(op, *named, row, count);
  }
  // A constant, or a packed weight that is not one of the module: no values.
  FailureOr<View> view = frame.getView(op, weight);
  if (failed(view)) {
    return failure();
  }
  llvm::ArrayRef<int64_t> sizes = view->getSizes();
  if (sizes.size() < 2) {
    return view->read(op);
  }
  llvm::SmallVector<int64_t> offsets(sizes.size(), 0);
  llvm::SmallVector<int64_t> part(sizes);
  llvm::SmallVector<int64_t> strides(sizes.size(), 1);
  offsets[0] = row;
  part[0] = count;
  return view->subview(offsets, part, strides).read(op);
}

bool RowAccess::isInPlace(Value operand) {
  auto *view = std::get_if<View>(&frame.get(operand));
  return view && view->getStorage() == out->getStorage();
}
