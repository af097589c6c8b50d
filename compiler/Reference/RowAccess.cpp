//===- RowAccess.cpp - What the interpreted decoder ops share -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/RowAccess.h"

#include "compiler/Reference/PackedRows.h"

#include <numeric>

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
    for (Value result : op->getResults()) {
      auto type = llvm::cast<RankedTensorType>(result.getType());
      if (!type.isDynamicDim(0) && type.getDimSize(0) != access.rows) {
        return op->emitOpError("expected ")
               << type.getDimSize(0) << " rows, found " << access.rows;
      }
      access.outs.push_back(View::create(type.getElementType(),
                                         {access.rows, type.getDimSize(1)}));
      frame.set(result, access.outs.back());
    }
    return access;
  }
  access.rows = frame.getInt(op.getRows());
  if (access.rows < 0) {
    return op->emitOpError("expected 0 or more rows, found ") << access.rows;
  }
  for (Value buffer : op.getOuts()) {
    FailureOr<View> out = access.take(buffer);
    if (failed(out) || failed(out->claim(op))) {
      return failure();
    }
    access.outs.push_back(*out);
  }
  for (const View &out : access.outs) {
    if (out.getStorage()->overwritten) {
      return op->emitOpError("writes two results to the same bytes");
    }
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

FailureOr<std::vector<double>> RowAccess::unpack(const View &row,
                                                 int64_t columns) {
  FailureOr<std::vector<double>> values = row.read(op);
  if (failed(values) || !row.getElementType().isInteger(8)) {
    return values;
  }
  if (frame.getInterpreter().keepsRows()) {
    values->resize(columns);
    return values;
  }
  return unpackRow(*values, columns);
}

FailureOr<std::vector<double>> RowAccess::readUnpacked(Value operand,
                                                       int64_t columns) {
  std::vector<int64_t> all(rows);
  std::iota(all.begin(), all.end(), 0);
  if (failed(take(operand))) {
    return failure();
  }
  return readPicked(operand, all, columns);
}

FailureOr<std::vector<double>>
RowAccess::readPicked(Value operand, llvm::ArrayRef<int64_t> indices,
                      int64_t columns) {
  FailureOr<View> view = frame.getView(op, operand);
  if (failed(view)) {
    return failure();
  }
  std::vector<double> values;
  values.reserve(indices.size() * columns);
  for (int64_t index : indices) {
    if (index < 0 || index >= view->getSizes()[0]) {
      return op->emitOpError("expected row numbers below ")
             << view->getSizes()[0] << ", found " << index;
    }
    auto row = unpack(view->row(index), columns);
    if (failed(row)) {
      return failure();
    }
    values.insert(values.end(), row->begin(), row->end());
  }
  return values;
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

LogicalResult RowAccess::checkNotInPlace(Value operand) {
  auto *view = std::get_if<View>(&frame.get(operand));
  for (const View &out : outs) {
    if (view && view->getStorage() == out.getStorage()) {
      return op->emitOpError("writes the rows that it reads");
    }
  }
  return success();
}

void RowAccess::writeRows(llvm::ArrayRef<double> values, int64_t columns,
                          std::optional<EncodingKind> kind, unsigned number) {
  if (!kind || !isQuantized(*kind)) {
    outs[number].write(values);
    return;
  }
  for (int64_t m = 0; m < rows; ++m) {
    llvm::ArrayRef<double> row = values.slice(m * columns, columns);
    if (!frame.getInterpreter().keepsRows()) {
      outs[number].row(m).write(packRow(row, *kind));
      continue;
    }
    std::vector<double> kept(row.begin(), row.end());
    kept.resize(PackedRowLayout(columns).getBytes());
    outs[number].row(m).writeUnrounded(kept);
  }
}
