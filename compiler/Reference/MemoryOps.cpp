//===- MemoryOps.cpp - Buffers: memref ops of the interpreter -------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Interpreter.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

/// Numbers that an op gives partly as attributes, partly as operands.
static llvm::SmallVector<int64_t> getInts(llvm::ArrayRef<OpFoldResult> mixed,
                                          Frame &frame) {
  llvm::SmallVector<int64_t> numbers;
  for (OpFoldResult entry : mixed) {
    if (auto value = llvm::dyn_cast<Value>(entry)) {
      numbers.push_back(frame.getInt(value));
    } else {
      numbers.push_back(
          llvm::cast<IntegerAttr>(llvm::cast<Attribute>(entry)).getInt());
    }
  }
  return numbers;
}

static LogicalResult runAlloc(memref::AllocOp op, Frame &frame) {
  llvm::SmallVector<int64_t> sizes = getInts(op.getMixedSizes(), frame);
  MemRefType type = op.getType();
  if (type.getRank() == 1 && type.getElementType().isInteger(8)) {
    frame.set(op, std::make_shared<Arena>(sizes.front()));
  } else {
    frame.set(op, View::create(type.getElementType(), sizes));
  }
  return success();
}

static LogicalResult runView(memref::ViewOp op, Frame &frame) {
  auto *arena = std::get_if<std::shared_ptr<Arena>>(&frame.get(op.getSource()));
  MemRefType type = op.getType();
  if (!arena || !type.hasStaticShape()) {
    return op.emitOpError("expected a static view of scratch memory");
  }
  int64_t offset = frame.getInt(op.getByteShift());
  int64_t bytes = type.getNumElements() *
                  llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  if (offset < 0 || bytes > (*arena)->getBytes() ||
      offset > (*arena)->getBytes() - bytes) {
    return op.emitOpError("expected bytes inside the scratch memory's ")
           << (*arena)->getBytes() << ", found " << bytes << " at " << offset;
  }
  frame.set(op, View((*arena)->createStorage(offset, type), type.getShape()));
  return success();
}

static LogicalResult runSubView(memref::SubViewOp op, Frame &frame) {
  FailureOr<View> source = frame.getView(op, op.getSource());
  if (failed(source)) {
    return failure();
  }
  llvm::SmallVector<int64_t> offsets = getInts(op.getMixedOffsets(), frame);
  llvm::SmallVector<int64_t> sizes = getInts(op.getMixedSizes(), frame);
  llvm::SmallVector<int64_t> strides = getInts(op.getMixedStrides(), frame);
  for (auto [offset, size, stride, room] :
       llvm::zip(offsets, sizes, strides, source->getSizes())) {
    if (offset < 0 || size < 0 ||
        (size > 0 && offset + (size - 1) * stride >= room)) {
      return op.emitOpError("expected a part of ")
             << room << " elements, found " << size << " at " << offset;
    }
  }
  if (op.getType().getRank() != op.getSourceType().getRank()) {
    return op.emitOpError("expected no dropped dimension");
  }
  frame.set(op, source->subview(offsets, sizes, strides));
  return success();
}

static LogicalResult runCopy(memref::CopyOp op, Frame &frame) {
  FailureOr<View> source = frame.getView(op, op.getSource());
  FailureOr<View> target = frame.getView(op, op.getTarget());
  if (failed(source) || failed(target)) {
    return failure();
  }
  if (source->getSizes() != target->getSizes()) {
    return op.emitOpError("expected a source of the target's shape");
  }
  if (failed(target->claim(op))) {
    return failure();
  }
  FailureOr<std::vector<double>> values = source->read(op);
  if (failed(values)) {
    return failure();
  }
  target->write(*values);
  return success();
}

static LogicalResult runDim(memref::DimOp op, Frame &frame) {
  FailureOr<View> source = frame.getView(op, op.getSource());
  if (failed(source)) {
    return failure();
  }
  int64_t index = frame.getInt(op.getIndex());
  if (index < 0 || index >= static_cast<int64_t>(source->getSizes().size())) {
    return op.emitOpError("expected a dimension of ")
           << source->getSizes().size() << ", found " << index;
  }
  frame.set(op, static_cast<double>(source->getSizes()[index]));
  return success();
}

static LogicalResult runGetGlobal(memref::GetGlobalOp op, Frame &frame) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      op, op.getNameAttr());
  auto elements =
      llvm::dyn_cast_or_null<DenseElementsAttr>(global.getInitialValueAttr());
  if (!elements || !global.getConstant()) {
    return op.emitOpError("expected a constant with dense elements");
  }
  frame.set(op, makeConstant(elements).readOnly());
  return success();
}

bool mlir::gemma::reference::isMemoryOp(Operation *op) {
  return llvm::isa<memref::AllocOp, memref::CastOp, memref::CopyOp,
                   memref::DeallocOp, memref::DimOp, memref::GetGlobalOp,
                   memref::SubViewOp, memref::ViewOp>(op);
}

LogicalResult mlir::gemma::reference::runMemoryOp(Operation *op, Frame &frame) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](memref::AllocOp alloc) { return runAlloc(alloc, frame); })
      .Case([&](memref::CastOp cast) {
        frame.set(cast, frame.get(cast.getSource()));
        return success();
      })
      .Case([&](memref::CopyOp copy) { return runCopy(copy, frame); })
      .Case([&](memref::DeallocOp) { return success(); })
      .Case([&](memref::DimOp dim) { return runDim(dim, frame); })
      .Case([&](memref::GetGlobalOp global) {
        return runGetGlobal(global, frame);
      })
      .Case([&](memref::SubViewOp view) { return runSubView(view, frame); })
      .Case([&](memref::ViewOp view) { return runView(view, frame); });
}
