//===- Elementwise.cpp - Elementwise ops of the interpreter ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Interpreter.h"
#include "compiler/Reference/Scalars.h"

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

LogicalResult mlir::gemma::reference::runElementwiseOp(Operation *op,
                                                       Frame &frame) {
  Value result = op->getResult(0);
  auto shaped = llvm::dyn_cast<ShapedType>(result.getType());
  llvm::SmallVector<double> scalars(op->getNumOperands());
  if (!shaped) {
    for (auto [number, operand] : llvm::enumerate(op->getOperands())) {
      scalars[number] = frame.getScalar(operand);
    }
    frame.set(result,
              roundToElement(evaluateScalar(op, scalars), result.getType()));
    return success();
  }
  // arith.select may take one condition for all elements.
  llvm::SmallVector<std::vector<double>> inputs;
  llvm::ArrayRef<int64_t> sizes;
  llvm::SmallVector<View> views;
  for (Value operand : op->getOperands()) {
    if (!llvm::isa<ShapedType>(operand.getType())) {
      inputs.push_back({frame.getScalar(operand)});
      views.emplace_back();
      continue;
    }
    FailureOr<View> view = frame.getView(op, operand);
    if (failed(view)) {
      return failure();
    }
    FailureOr<std::vector<double>> values = view->read(op);
    if (failed(values)) {
      return failure();
    }
    inputs.push_back(std::move(*values));
    views.push_back(*view);
  }
  for (auto [operand, view] : llvm::zip(op->getOperands(), views)) {
    if (!llvm::isa<ShapedType>(operand.getType())) {
      continue;
    }
    if (!sizes.empty() && sizes != view.getSizes()) {
      return op->emitOpError("expected operands of one shape");
    }
    sizes = view.getSizes();
  }
  View out = View::create(shaped.getElementType(), sizes);
  std::vector<double> values(out.getNumElements());
  for (size_t i = 0; i < values.size(); ++i) {
    for (size_t k = 0; k < inputs.size(); ++k) {
      scalars[k] =
          inputs[k].size() == values.size() ? inputs[k][i] : inputs[k].front();
    }
    values[i] = evaluateScalar(op, scalars);
  }
  out.write(values);
  frame.set(result, out);
  return success();
}

//===----------------------------------------------------------------------===//
// linalg.generic
//===----------------------------------------------------------------------===//

namespace {

/// An operand of a linalg.generic: its elements, and which one an iteration
/// takes.
struct Operand {
  View view;
  AffineMap map;
  std::vector<double> values;

  /// Number of the element of the iteration `point`, row-major.
  int64_t locate(llvm::ArrayRef<int64_t> point) const {
    int64_t index = 0;
    for (auto [expression, size] :
         llvm::zip(map.getResults(), view.getSizes())) {
      auto dim = llvm::cast<AffineDimExpr>(expression);
      index = index * size + point[dim.getPosition()];
    }
    return index;
  }
};

} // namespace

/// The number of iterations in each dimension, from the operands' sizes.
static FailureOr<llvm::SmallVector<int64_t>>
getBounds(linalg::GenericOp op, llvm::ArrayRef<Operand> operands) {
  llvm::SmallVector<int64_t> bounds(op.getNumLoops(), -1);
  for (const Operand &operand : operands) {
    for (auto [expression, size] :
         llvm::zip(operand.map.getResults(), operand.view.getSizes())) {
      auto dim = llvm::dyn_cast<AffineDimExpr>(expression);
      if (!dim) {
        return op.emitOpError("expected projected permutations for the "
                              "interpreter");
      }
      int64_t &bound = bounds[dim.getPosition()];
      if (bound != -1 && bound != size) {
        return op.emitOpError("expected ")
               << bound << " elements in a dimension, found " << size;
      }
      bound = size;
    }
  }
  return bounds;
}

static LogicalResult runBody(linalg::GenericOp op, Frame &frame,
                             llvm::ArrayRef<double> arguments,
                             llvm::SmallVectorImpl<double> &results) {
  Block &body = op.getRegion().front();
  for (auto [argument, value] : llvm::zip(body.getArguments(), arguments)) {
    frame.set(argument, value);
  }
  for (Operation &scalar : body.without_terminator()) {
    if (auto constant = llvm::dyn_cast<arith::ConstantOp>(scalar)) {
      if (auto number = llvm::dyn_cast<FloatAttr>(constant.getValue())) {
        frame.set(constant, number.getValueAsDouble());
        continue;
      }
    }
    if (!isScalarOp(&scalar)) {
      return scalar.emitOpError("is not known to the interpreter");
    }
    if (failed(runElementwiseOp(&scalar, frame))) {
      return failure();
    }
  }
  results.clear();
  for (Value value : body.getTerminator()->getOperands()) {
    results.push_back(frame.getScalar(value));
  }
  return success();
}

LogicalResult mlir::gemma::reference::runGenericOp(linalg::GenericOp op,
                                                   Frame &frame) {
  if (op.getNumResults() != 0) {
    return op.emitOpError("expected buffers for the interpreter");
  }
  llvm::SmallVector<Operand> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    FailureOr<View> view = frame.getView(op, operand.get());
    if (failed(view)) {
      return failure();
    }
    operands.push_back({*view, op.getMatchingIndexingMap(&operand), {}});
  }
  FailureOr<llvm::SmallVector<int64_t>> bounds = getBounds(op, operands);
  if (failed(bounds)) {
    return failure();
  }
  // Outputs are announced before inputs are read: a kernel writes while it
  // reads, so they must not share bytes.
  size_t numInputs = op.getNumDpsInputs();
  for (Operand &out : llvm::drop_begin(operands, numInputs)) {
    if (failed(out.view.claim(op))) {
      return failure();
    }
  }
  for (auto [operand, opOperand] : llvm::zip(operands, op->getOpOperands())) {
    if (!op.payloadUsesValueFromOperand(&opOperand)) {
      operand.values.resize(operand.view.getNumElements());
      continue;
    }
    FailureOr<std::vector<double>> values = operand.view.read(op);
    if (failed(values)) {
      return failure();
    }
    operand.values = std::move(*values);
  }

  int64_t iterations = 1;
  for (int64_t bound : *bounds) {
    iterations *= bound;
  }
  llvm::SmallVector<int64_t> point(bounds->size(), 0);
  llvm::SmallVector<double> arguments(operands.size());
  llvm::SmallVector<double> results;
  for (int64_t n = 0; n < iterations; ++n) {
    for (auto [argument, operand] : llvm::zip(arguments, operands)) {
      argument = operand.values[operand.locate(point)];
    }
    if (failed(runBody(op, frame, arguments, results))) {
      return failure();
    }
    for (auto [result, out] :
         llvm::zip(results, llvm::drop_begin(operands, numInputs))) {
      out.values[out.locate(point)] = result;
    }
    for (size_t dim = point.size(); dim-- > 0;) {
      if (++point[dim] != (*bounds)[dim]) {
        break;
      }
      point[dim] = 0;
    }
  }
  for (Operand &out : llvm::drop_begin(operands, numInputs)) {
    out.view.write(out.values);
  }
  return success();
}
