//===- WrapKernels.cpp - The C ABI of every kernel ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Kernels.h"
#include "compiler/Llvm/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_WRAPKERNELS
#include "compiler/Llvm/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;

/// Arguments at the end of a body that are no buffers: rows, begin, end.
static constexpr unsigned kIndices = 3;
/// Marks the argument that holds the capacity of a KV cache.
static constexpr llvm::StringLiteral kCapacity = "gemma.capacity";
/// Alignment of all buffers handed to a kernel, in bytes.
static constexpr int64_t kBufferAlignment = 64;

/// Checks the arguments of a kernel's body: pointers and at most one capacity,
/// then three indices.
static LogicalResult checkBody(LLVM::LLVMFuncOp body) {
  unsigned count = body.getNumArguments();
  auto isIndex = [&](unsigned i) {
    return body.getArgument(i).getType().isInteger(64);
  };
  if (count < kIndices || !isIndex(count - 3) || !isIndex(count - 2) ||
      !isIndex(count - 1)) {
    return body.emitError("kernel: expected rows, begin and end as its last "
                          "arguments, found type ")
           << body.getFunctionType();
  }
  unsigned capacities = 0;
  for (unsigned i = 0; i < count - kIndices; ++i) {
    bool isCapacity = static_cast<bool>(body.getArgAttr(i, kCapacity));
    capacities += isCapacity;
    bool isPointer = isa<LLVM::LLVMPointerType>(body.getArgument(i).getType());
    if (isCapacity ? !isIndex(i) : !isPointer) {
      return body.emitError("kernel: expected argument ")
             << i << " to be " << (isCapacity ? "an index" : "a buffer")
             << ", found " << body.getArgument(i).getType();
    }
  }
  if (capacities > 1) {
    return body.emitError("kernel: expected at most one KV cache, found ")
           << capacities;
  }
  return success();
}

/// Says what holds for every buffer, and hides the function.
static void annotateBody(LLVM::LLVMFuncOp body) {
  Builder builder(body.getContext());
  for (auto [i, argument] : llvm::enumerate(body.getArguments())) {
    body.removeArgAttr(i, kCapacity);
    body.setArgAttr(i, LLVM::LLVMDialect::getNoUndefAttrName(),
                    builder.getUnitAttr());
    if (isa<LLVM::LLVMPointerType>(argument.getType())) {
      body.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(),
                      builder.getI64IntegerAttr(kBufferAlignment));
      body.setArgAttr(i, LLVM::LLVMDialect::getNonNullAttrName(),
                      builder.getUnitAttr());
    }
  }
  body.setLinkage(LLVM::Linkage::Internal);
  body.setNoInline(true);
}

/// Loads element `index` of the array at `base`.
static Value loadElement(OpBuilder &builder, Location loc, Type type,
                         Value base, unsigned index) {
  Value address = index == 0
                      ? base
                      : LLVM::GEPOp::create(builder, loc, base.getType(), type,
                                            base, LLVM::GEPArg(index));
  return LLVM::LoadOp::create(builder, loc, type, address);
}

static void wrap(LLVM::LLVMFuncOp body, SymbolTable &symbols) {
  MLIRContext *context = body.getContext();
  Location loc = body.getLoc();
  StringAttr name = body.getSymNameAttr();
  unsigned count = body.getNumArguments();
  SmallVector<bool> isCapacity;
  for (unsigned i = 0; i < count; ++i) {
    isCapacity.push_back(static_cast<bool>(body.getArgAttr(i, kCapacity)));
  }
  annotateBody(body);

  symbols.remove(body);
  body.setSymName((name.getValue() + "_body").str());
  OpBuilder builder(body);
  Type pointer = LLVM::LLVMPointerType::get(context);
  Type i64 = builder.getI64Type();
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                          {pointer, pointer, i64, i64});
  auto kernel = LLVM::LLVMFuncOp::create(builder, loc, name, type);
  symbols.insert(body);
  symbols.insert(kernel);

  builder.setInsertionPointToStart(kernel.addEntryBlock(builder));
  Value pointers = kernel.getArgument(0), scalars = kernel.getArgument(1);
  SmallVector<Value> arguments;
  unsigned nextPointer = 0;
  for (unsigned i = 0; i < count - kIndices; ++i) {
    arguments.push_back(
        isCapacity[i]
            ? loadElement(builder, loc, i64, scalars, 1)
            : loadElement(builder, loc, pointer, pointers, nextPointer++));
  }
  arguments.push_back(loadElement(builder, loc, i64, scalars, 0));
  arguments.push_back(kernel.getArgument(2));
  arguments.push_back(kernel.getArgument(3));
  LLVM::CallOp::create(builder, loc, body, arguments);
  LLVM::ReturnOp::create(builder, loc, ValueRange());
}

namespace {

struct WrapKernels : mlir::gemma::impl::WrapKernelsBase<WrapKernels> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp kernels = mlir::gemma::getKernels(getOperation());
    if (!kernels) {
      return;
    }
    SymbolTable symbols(kernels);
    for (auto body :
         llvm::make_early_inc_range(kernels.getOps<LLVM::LLVMFuncOp>())) {
      if (body.isExternal() || !body.isPublic() ||
          body.getLinkage() != LLVM::Linkage::External) {
        continue;
      }
      if (failed(checkBody(body))) {
        return signalPassFailure();
      }
      wrap(body, symbols);
    }
  }
};

} // namespace
