//===- LowerToBuffers.cpp - Turn @forward from tensors into buffers -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Bufferize/Passes.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"
#include "dialect/ModuleAttrs.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_LOWERTOBUFFERS
#include "compiler/Bufferize/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

/// Rewrites the one block of the entry, op by op.
class EntryLowering {
public:
  EntryLowering(func::FuncOp entry, int64_t maxRows)
      : entry(entry), maxRows(maxRows), builder(entry.getContext()) {}

  LogicalResult run();

private:
  /// The buffer for a tensor's type, max_rows rows.
  MemRefType getBufferType(Type tensor) const {
    auto type = cast<RankedTensorType>(tensor);
    SmallVector<int64_t> shape(type.getShape());
    shape.front() = maxRows;
    return MemRefType::get(shape, type.getElementType());
  }

  /// Adds the new arguments and moves the block over to them.
  void lowerSignature();
  LogicalResult lowerOp(Operation &op);
  LogicalResult lowerDecoderOp(DecoderOpInterface op);
  LogicalResult lowerElementwise(Operation &op);

  /// The buffer that `result` goes to: the logits if it is returned.
  Value getDestination(Location loc, Value result);
  /// The part of a buffer that holds `count` rows.
  Value getRowsInUse(Location loc, Value buffer, Value count);

  func::FuncOp entry;
  int64_t maxRows;
  OpBuilder builder;
  /// Buffer of each tensor.
  IRMapping buffers;
  /// Number of rows of each tensor.
  IRMapping counts;
  Value returned;
  Value logits;
};

} // namespace

void EntryLowering::lowerSignature() {
  Block &block = entry.getBody().front();
  Location loc = entry.getLoc();
  auto indexType = builder.getIndexType();
  unsigned numTensors = block.getNumArguments();

  SmallVector<Value> arguments;
  for (unsigned i = 0; i < numTensors; ++i) {
    arguments.push_back(
        block.addArgument(getBufferType(block.getArgument(i).getType()), loc));
  }
  logits = block.addArgument(
      getBufferType(entry.getFunctionType().getResult(0)), loc);
  Value rows = block.addArgument(indexType, loc);
  Value outRows = block.addArgument(indexType, loc);
  for (unsigned i = 0; i < numTensors; ++i) {
    Value tensor = block.getArgument(i);
    buffers.map(tensor, arguments[i]);
    // The last argument lists the rows whose logits are asked for.
    counts.map(tensor, i + 1 == numTensors ? outRows : rows);
  }
}

Value EntryLowering::getDestination(Location loc, Value result) {
  if (result == returned) {
    return logits;
  }
  return memref::AllocOp::create(builder, loc, getBufferType(result.getType()));
}

Value EntryLowering::getRowsInUse(Location loc, Value buffer, Value count) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = {count};
  for (int64_t size : type.getShape().drop_front()) {
    sizes.push_back(builder.getIndexAttr(size));
  }
  return memref::SubViewOp::create(builder, loc, buffer, offsets, sizes,
                                   strides);
}

LogicalResult EntryLowering::lowerDecoderOp(DecoderOpInterface op) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    operands.push_back(buffers.lookupOrDefault(operand));
  }
  Value count = counts.lookupOrNull(op.getRowOperand());
  if (!count) {
    return op->emitOpError("works over a value that has no rows");
  }
  for (OpOperand &operand : op->getOpOperands()) {
    Value other = counts.lookupOrNull(operand.get());
    if (other && other != count && !op.picksRows(operand.getOperandNumber())) {
      return op->emitOpError("expected operands over the same rows");
    }
  }
  SmallVector<NamedAttribute> attributes(op->getAttrs());
  if (op->getNumResults() != 0) {
    for (Value result : op->getResults()) {
      Value destination = getDestination(op.getLoc(), result);
      operands.push_back(destination);
      buffers.map(result, destination);
      counts.map(result, count);
    }
    // The two last groups of operands are `out` (or `outs`) and `rows`.
    for (NamedAttribute &attribute : attributes) {
      if (attribute.getName() == "operandSegmentSizes") {
        SmallVector<int32_t> sizes(
            cast<DenseI32ArrayAttr>(attribute.getValue()).asArrayRef());
        sizes[sizes.size() - 2] = static_cast<int32_t>(op->getNumResults());
        sizes[sizes.size() - 1] = 1;
        attribute.setValue(builder.getDenseI32ArrayAttr(sizes));
      }
    }
  }
  operands.push_back(count);
  OperationState state(op.getLoc(), op->getName(), operands,
                       /*types=*/TypeRange(), attributes);
  builder.create(state);
  return success();
}

LogicalResult EntryLowering::lowerElementwise(Operation &op) {
  Location loc = op.getLoc();
  if (op.getNumResults() != 1 || op.getNumOperands() == 0) {
    return op.emitOpError("cannot be written to a buffer: expected one result "
                          "and at least one operand");
  }
  Value result = op.getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  Type element = type.getElementType();
  if (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8 != 0) {
    return op.emitOpError("cannot be written to a buffer: expected whole bytes "
                          "for an element, found ")
           << element;
  }
  SmallVector<Value> inputs;
  Value count = counts.lookupOrNull(op.getOperand(0));
  for (Value operand : op.getOperands()) {
    if (!count || counts.lookupOrNull(operand) != count) {
      return op.emitOpError("expected operands over the same rows");
    }
    inputs.push_back(getRowsInUse(loc, buffers.lookup(operand), count));
  }
  Value destination = getDestination(loc, result);
  buffers.map(result, destination);
  counts.map(result, count);
  Value output = getRowsInUse(loc, destination, count);

  int64_t rank = type.getRank();
  SmallVector<AffineMap> maps(inputs.size() + 1,
                              builder.getMultiDimIdentityMap(rank));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  linalg::GenericOp::create(
      builder, loc, TypeRange(), inputs, output, maps, iterators,
      [&](OpBuilder &body, Location bodyLoc, ValueRange scalars) {
        OperationState state(bodyLoc, op.getName(),
                             scalars.take_front(inputs.size()),
                             type.getElementType(), op.getAttrs());
        Operation *scalarOp = body.create(state);
        linalg::YieldOp::create(body, bodyLoc, scalarOp->getResults());
      });
  return success();
}

LogicalResult EntryLowering::lowerOp(Operation &op) {
  builder.setInsertionPoint(&op);
  if (auto decoderOp = dyn_cast<DecoderOpInterface>(op)) {
    return lowerDecoderOp(decoderOp);
  }
  if (isa<WeightRefOp, KvCacheRefOp>(op)) {
    return success();
  }
  if (isa<func::ReturnOp>(op)) {
    func::ReturnOp::create(builder, op.getLoc());
    return success();
  }
  return lowerElementwise(op);
}

LogicalResult EntryLowering::run() {
  Block &block = entry.getBody().front();
  auto isRows = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return tensor && tensor.getRank() > 0;
  };
  if (entry.getNumArguments() == 0 || entry.getNumResults() != 1 ||
      !llvm::all_of(entry.getArgumentTypes(), isRows)) {
    return entry.emitOpError("expected tensors as arguments and one result, "
                             "found ")
           << entry.getFunctionType();
  }
  returned = block.getTerminator()->getOperand(0);
  if (isa<BlockArgument>(returned)) {
    return entry.emitOpError("returns an argument, expected logits");
  }
  lowerSignature();
  SmallVector<Operation *> ops;
  for (Operation &op : block) {
    ops.push_back(&op);
  }
  for (Operation *op : ops) {
    if (failed(lowerOp(*op))) {
      return failure();
    }
  }
  for (Operation *op : llvm::reverse(ops)) {
    if (!isa<WeightRefOp, KvCacheRefOp>(op)) {
      op->erase();
    }
  }
  block.eraseArguments(0, entry.getNumArguments());
  entry.setFunctionType(
      builder.getFunctionType(block.getArgumentTypes(), TypeRange()));
  return success();
}

namespace {

struct LowerToBuffers
    : public mlir::gemma::impl::LowerToBuffersBase<LowerToBuffers> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<func::FuncOp> entry = getEntry(getOperation());
    if (failed(entry)) {
      return signalPassFailure();
    }
    FailureOr<int64_t> count = getMaxRows();
    if (failed(count) || failed(EntryLowering(*entry, *count).run())) {
      return signalPassFailure();
    }
  }

private:
  FailureOr<int64_t> getMaxRows() {
    if (maxRows > 0) {
      return maxRows.getValue();
    }
    if (auto options =
            getOperation()->getAttrOfType<DictionaryAttr>(kOptionsAttr)) {
      if (auto count = options.getAs<IntegerAttr>("max_rows")) {
        if (count.getInt() > 0) {
          return count.getInt();
        }
        return getOperation().emitError(
                   "gemma.options: expected a positive max_rows, found ")
               << count.getInt();
      }
    }
    return getOperation().emitError(
        "expected the option max-rows or max_rows in gemma.options");
  }
};

} // namespace
