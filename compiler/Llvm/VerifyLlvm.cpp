//===- VerifyLlvm.cpp - What may remain after phase llvm ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Kernels.h"
#include "compiler/Llvm/Passes.h"
#include "dialect/GemmaOps.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYLLVM
#include "compiler/Llvm/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;

/// Whether LLVM may turn this intrinsic into a call of libm or libc.
static bool needsLibrary(Operation *op) {
  return isa<LLVM::ExpOp, LLVM::Exp2Op, LLVM::Exp10Op, LLVM::LogOp,
             LLVM::Log2Op, LLVM::Log10Op, LLVM::PowOp, LLVM::PowIOp,
             LLVM::SinOp, LLVM::CosOp, LLVM::TanOp, LLVM::ASinOp, LLVM::ACosOp,
             LLVM::ATanOp, LLVM::ATan2Op, LLVM::SinhOp, LLVM::CoshOp,
             LLVM::TanhOp, LLVM::SincosOp, LLVM::RoundOp, LLVM::LroundOp,
             LLVM::LlroundOp, LLVM::MemcpyOp, LLVM::MemmoveOp, LLVM::MemsetOp,
             LLVM::FRemOp>(op);
}

static LogicalResult verifyOp(Operation *op) {
  if (!isa_and_present<LLVM::LLVMDialect>(op->getDialect())) {
    return op->emitOpError("left in a kernel after phase llvm");
  }
  if (auto func = dyn_cast<LLVM::LLVMFuncOp>(op)) {
    if (func.isExternal()) {
      return func.emitOpError("external symbol '")
             << func.getSymName() << "' needed by a kernel";
    }
  }
  if (auto call = dyn_cast<LLVM::CallOp>(op)) {
    if (!call.getCallee()) {
      return call.emitOpError("indirect call in a kernel");
    }
  }
  if (needsLibrary(op)) {
    return op->emitOpError("needs a library, which a kernel has not");
  }
  return success();
}

/// A function that the runtime sees has the type of a kernel.
static LogicalResult verifyAbi(LLVM::LLVMFuncOp func) {
  if (func.getLinkage() != LLVM::Linkage::External) {
    return success();
  }
  LLVM::LLVMFunctionType type = func.getFunctionType();
  Type pointer = LLVM::LLVMPointerType::get(func.getContext());
  Type i64 = IntegerType::get(func.getContext(), 64);
  if (type !=
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(func.getContext()),
                                  {pointer, pointer, i64, i64})) {
    return func.emitOpError("kernel: expected type void (ptr, ptr, i64, i64), "
                            "found ")
           << type;
  }
  return success();
}

namespace {

struct VerifyLlvm : mlir::gemma::impl::VerifyLlvmBase<VerifyLlvm> {
  using Base::Base;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    ModuleOp kernels = mlir::gemma::getKernels(getOperation());
    if (!kernels) {
      getOperation().emitError("no module @kernels after phase llvm");
      return signalPassFailure();
    }
    WalkResult ops = kernels.getBody()->walk<WalkOrder::PreOrder>(
        [](Operation *op) { return WalkResult(verifyOp(op)); });
    if (ops.wasInterrupted()) {
      return signalPassFailure();
    }
    for (auto func : kernels.getOps<LLVM::LLVMFuncOp>()) {
      if (failed(verifyAbi(func))) {
        return signalPassFailure();
      }
    }
    if (verifyDispatches(kernels).wasInterrupted()) {
      signalPassFailure();
    }
  }

private:
  WalkResult verifyDispatches(ModuleOp kernels) {
    return getOperation().walk([&](gemma::DispatchOp dispatch) -> WalkResult {
      auto kernel = kernels.lookupSymbol<LLVM::LLVMFuncOp>(
          dispatch.getKernel().getLeafReference());
      if (!kernel || kernel.getLinkage() != LLVM::Linkage::External) {
        return dispatch.emitOpError("kernel ")
               << dispatch.getKernel() << " is no public function";
      }
      return WalkResult::advance();
    });
  }
};

} // namespace
