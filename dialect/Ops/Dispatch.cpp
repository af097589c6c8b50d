//===- Dispatch.cpp - One step of a program -------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult DispatchOp::verify() {
  if (static_cast<int64_t>(getTiles()) <= 0) {
    return emitOpError("(C2) expected positive tiles, found ")
           << static_cast<int64_t>(getTiles());
  }
  for (IntegerAttr attr :
       {getRowTileAttr(), getFixedBytesAttr(), getRowBytesAttr(),
        getRowOperationsAttr(), getKeyBytesAttr(), getKeyOperationsAttr()}) {
    if (attr.getInt() < 0) {
      return emitOpError("(C2) expected a row_tile and a cost of 0 or more, "
                         "found ")
             << attr.getInt();
    }
  }
  int64_t last = -1;
  for (int64_t operand : getWrites()) {
    if (operand <= last ||
        operand >= static_cast<int64_t>(getBuffers().size())) {
      return emitOpError("(C3) expected ascending operand numbers below ")
             << getBuffers().size() << ", found " << getWritesAttr();
    }
    last = operand;
  }
  return success();
}

/// Takes the kernel's arguments for one buffer off the front of `arguments`.
/// False if they do not fit.
static bool takeArguments(Type buffer, llvm::ArrayRef<Type> &arguments) {
  if (arguments.empty()) {
    return false;
  }
  Type first = arguments.front();
  if (first == buffer) {
    arguments = arguments.drop_front();
    return true;
  }
  // From phase codegen on: bytes for a packed weight ...
  auto memref = llvm::dyn_cast<MemRefType>(first);
  if (!memref) {
    return false;
  }
  if (auto packed = llvm::dyn_cast<PackedType>(buffer)) {
    arguments = arguments.drop_front();
    return memref.getElementType().isInteger(8) && memref.hasStaticShape() &&
           memref.getNumElements() == packed.getBytes();
  }
  // ... and (keys, values, capacity) for a cache.
  auto cache = llvm::dyn_cast<KvCacheType>(buffer);
  if (!cache || arguments.size() < 3 || arguments[1] != first ||
      memref.getElementType() != cache.getElement() ||
      !arguments[2].isIndex()) {
    return false;
  }
  arguments = arguments.drop_front(3);
  return true;
}

LogicalResult DispatchOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  Operation *kernel =
      symbolTable.lookupNearestSymbolFrom(*this, getKernelAttr());
  if (!kernel || !llvm::isa<FunctionOpInterface>(kernel)) {
    return emitOpError("(C1) expected a function named ") << getKernelAttr();
  }
  auto function = llvm::dyn_cast<func::FuncOp>(kernel);
  if (!function) {
    return success();
  }
  llvm::ArrayRef<Type> arguments = function.getArgumentTypes();
  for (auto [number, buffer] : llvm::enumerate(getBuffers().getTypes())) {
    if (!takeArguments(buffer, arguments)) {
      return emitOpError("(C1) expected ")
             << getKernelAttr() << " to take " << buffer << " for buffer "
             << number;
    }
  }
  if (arguments.size() != 3 ||
      !llvm::all_of(arguments, [](Type type) { return type.isIndex(); })) {
    return emitOpError("(C1) expected three indices after the buffers of ")
           << getKernelAttr();
  }
  return success();
}

void DispatchOp::getEffects(
    llvm::SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  llvm::ArrayRef<int64_t> writes = getWrites();
  for (auto [number, operand] : llvm::enumerate(getBuffersMutable())) {
    bool written = llvm::is_contained(writes, static_cast<int64_t>(number));
    Type type = operand.get().getType();
    SideEffects::Resource *resource = SideEffects::DefaultResource::get();
    if (llvm::isa<KvCacheType>(type)) {
      resource = KvCacheResource::get();
    } else if (!llvm::isa<MemRefType>(type)) {
      continue;
    }
    // What an item writes of a buffer need not be all of it: it is also read.
    effects.emplace_back(MemoryEffects::Read::get(), &operand, resource);
    if (written) {
      effects.emplace_back(MemoryEffects::Write::get(), &operand, resource);
    }
  }
}
