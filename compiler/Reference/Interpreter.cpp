//===- Interpreter.cpp - The dialect's executable specification -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Interpreter.h"

#include "compiler/Emit/WeightEncoder.h"
#include "compiler/Reference/Scalars.h"
#include "compiler/Target/CpuTarget.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Makes of rows of `columns` values what their blocks' scales and integers
/// stand for. A row's blocks are its own, so that any rows make a panel.
static void quantize(std::vector<float> &rows, int64_t columns,
                     EncodingAttr encoding, ::gemma::Q4Rule rule) {
  WeightEncoder encoder(encoding, kPanel, columns, rule);
  auto layout = encoding.getKind() == EncodingKind::Q8_0
                    ? ::gemma::WeightLayout::Q8Panel
                    : ::gemma::WeightLayout::Q4Panel;
  std::vector<char> bytes(encoder.getGroupBytes());
  auto count = static_cast<int64_t>(rows.size()) / columns;
  for (int64_t row = 0; row < count; row += kPanel) {
    int64_t here = std::min(kPanel, count - row);
    float *values = rows.data() + row * columns;
    if (encoder.encode(values, here, bytes.data())) {
      // No encoding holds these: they stay, as NaN does in other encodings.
      continue;
    }
    for (int64_t r = 0; r < here; ++r) {
      ::gemma::decodePanelRow(
          layout, reinterpret_cast<const unsigned char *>(bytes.data()), r,
          columns, values + r * columns);
    }
  }
}

FailureOr<std::vector<double>> Interpreter::readWeight(Operation *reader,
                                                       WeightOp weight,
                                                       int64_t row,
                                                       int64_t count) {
  auto type = llvm::cast<RankedTensorType>(weight.getType());
  llvm::ArrayRef<int64_t> shape = type.getShape();
  int64_t rowSize = 1;
  for (int64_t size : shape.size() < 2 ? shape : shape.drop_front()) {
    rowSize *= size;
  }
  std::vector<float> raw(count * rowSize);
  ::gemma::Result<void> done = readRows(weight, row, count, raw.data());
  if (!done) {
    return reader->emitOpError() << done.error().message;
  }
  EncodingAttr encoding = weight.getEncodingAttr();
  if (encoding && encoding.isQuantized()) {
    quantize(raw, rowSize, encoding, getQ4Rule(weight));
  }
  std::vector<double> values(raw.begin(), raw.end());
  if (encoding && !encoding.isQuantized()) {
    for (double &value : values) {
      value = roundToElement(value, encoding.getElementType());
    }
  }
  return values;
}

FailureOr<View> Frame::getView(Operation *reader, Value value) {
  const RuntimeValue &runtime = get(value);
  if (auto *view = std::get_if<View>(&runtime)) {
    return *view;
  }
  auto *named = std::get_if<WeightOp>(&runtime);
  if (!named) {
    return reader->emitOpError("expected a tensor or a buffer, found scratch "
                               "memory");
  }
  WeightOp weight = *named;
  auto type = llvm::cast<RankedTensorType>(weight.getType());
  int64_t rows = type.getRank() < 2 ? 1 : type.getDimSize(0);
  auto values = interpreter.readWeight(reader, weight, 0, rows);
  if (failed(values)) {
    return failure();
  }
  View view = View::create(type.getElementType(), type.getShape());
  view.write(*values);
  return view;
}

//===----------------------------------------------------------------------===//
// Constants, symbols, calls
//===----------------------------------------------------------------------===//

View mlir::gemma::reference::makeConstant(DenseElementsAttr elements) {
  std::vector<double> values;
  values.reserve(elements.getNumElements());
  if (llvm::isa<FloatType>(elements.getElementType())) {
    for (llvm::APFloat number : elements.getValues<llvm::APFloat>()) {
      bool losesInfo;
      number.convert(llvm::APFloat::IEEEdouble(),
                     llvm::APFloat::rmNearestTiesToEven, &losesInfo);
      values.push_back(number.convertToDouble());
    }
  } else {
    for (const llvm::APInt &number : elements.getValues<llvm::APInt>()) {
      values.push_back(static_cast<double>(number.getSExtValue()));
    }
  }
  View view =
      View::create(elements.getElementType(), elements.getType().getShape());
  view.write(values);
  return view;
}

static FailureOr<RuntimeValue> getConstant(arith::ConstantOp op) {
  Attribute value = op.getValue();
  if (auto number = llvm::dyn_cast<FloatAttr>(value)) {
    return RuntimeValue(number.getValueAsDouble());
  }
  if (auto number = llvm::dyn_cast<IntegerAttr>(value)) {
    return RuntimeValue(roundToElement(
        static_cast<double>(number.getValue().getSExtValue()), op.getType()));
  }
  auto elements = llvm::dyn_cast<DenseElementsAttr>(value);
  if (!elements) {
    return op.emitOpError("expected a number or dense elements, found ")
           << value;
  }
  return RuntimeValue(makeConstant(elements));
}

static LogicalResult runCall(func::CallOp op, Frame &frame) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getCalleeAttr());
  llvm::SmallVector<RuntimeValue> arguments;
  for (Value operand : op.getOperands()) {
    arguments.push_back(frame.get(operand));
  }
  auto results = frame.getInterpreter().call(callee, arguments);
  if (failed(results)) {
    return failure();
  }
  for (auto [result, value] : llvm::zip(op.getResults(), *results)) {
    frame.set(result, value);
  }
  return success();
}

/// All items of a dispatch at once.
static LogicalResult runDispatch(DispatchOp op, Frame &frame) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      op, op.getKernelAttr());
  if (!kernel) {
    return op.emitOpError("expected a func.func for the kernel");
  }
  llvm::SmallVector<RuntimeValue> arguments;
  for (auto [number, buffer] : llvm::enumerate(op.getBuffers())) {
    RuntimeValue value = frame.get(buffer);
    if (!llvm::is_contained(op.getWrites(), static_cast<int64_t>(number))) {
      if (auto *view = std::get_if<View>(&value)) {
        value = view->readOnly();
      } else if (auto *cache = std::get_if<CacheHandle>(&value)) {
        cache->writable = false;
      }
    }
    arguments.push_back(value);
  }
  int64_t rows = frame.getInt(op.getRows());
  auto items = static_cast<int64_t>(op.getTiles());
  if (auto rowTile = static_cast<int64_t>(op.getRowTile())) {
    items *= llvm::divideCeil(rows, rowTile);
  }
  arguments.push_back(static_cast<double>(rows));
  arguments.push_back(0.0);
  arguments.push_back(static_cast<double>(items));
  if (kernel.getNumArguments() != arguments.size()) {
    return op.emitOpError("expected a kernel from before phase codegen");
  }
  return success(succeeded(frame.getInterpreter().call(kernel, arguments)));
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static LogicalResult runOp(Operation *op, Frame &frame) {
  if (isScalarOp(op)) {
    return runElementwiseOp(op, frame);
  }
  if (llvm::isa<DecoderOpInterface>(op)) {
    return runDecoderOp(op, frame);
  }
  if (isMemoryOp(op)) {
    return runMemoryOp(op, frame);
  }
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](arith::ConstantOp constant) -> LogicalResult {
        FailureOr<RuntimeValue> value = getConstant(constant);
        if (failed(value)) {
          return failure();
        }
        frame.set(constant, *value);
        return success();
      })
      .Case([&](WeightRefOp ref) {
        frame.set(ref, SymbolTable::lookupNearestSymbolFrom<WeightOp>(
                           ref, ref.getWeightAttr()));
        return success();
      })
      .Case([&](KvCacheRefOp ref) {
        frame.set(
            ref, CacheHandle{&frame.getInterpreter().getCache(ref.getCache())});
        return success();
      })
      .Case([&](func::CallOp call) { return runCall(call, frame); })
      .Case([&](DispatchOp dispatch) { return runDispatch(dispatch, frame); })
      .Case([&](linalg::GenericOp generic) {
        return runGenericOp(generic, frame);
      })
      .Default([](Operation *unknown) {
        return unknown->emitOpError("is not known to the interpreter");
      });
}

FailureOr<llvm::SmallVector<RuntimeValue>>
Interpreter::call(func::FuncOp function,
                  llvm::ArrayRef<RuntimeValue> arguments) {
  if (function.isExternal() || !function.getBody().hasOneBlock()) {
    return function.emitOpError("expected a body of one block");
  }
  if (function.getNumArguments() != arguments.size()) {
    return function.emitOpError("expected ")
           << function.getNumArguments() << " arguments, found "
           << arguments.size();
  }
  Frame frame(*this);
  for (auto [argument, value] : llvm::zip(function.getArguments(), arguments)) {
    frame.set(argument, value);
  }
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (failed(runOp(&op, frame))) {
      return failure();
    }
  }
  llvm::SmallVector<RuntimeValue> results;
  for (Value value :
       function.getBody().front().getTerminator()->getOperands()) {
    results.push_back(frame.get(value));
  }
  return results;
}
