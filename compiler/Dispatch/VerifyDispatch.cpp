//===- VerifyDispatch.cpp - State what may remain after phase dispatch -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Dispatch/Grid.h"
#include "compiler/Dispatch/Passes.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYDISPATCH
#include "compiler/Dispatch/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// One gemma op, or one elementwise linalg.generic on views of its rows.
static LogicalResult verifyKernel(func::FuncOp kernel) {
  int64_t work = 0;
  for (Operation &op : kernel.getBody().front()) {
    if (isa<DecoderOpInterface, linalg::GenericOp>(op)) {
      ++work;
    } else if (!isa<memref::SubViewOp, func::ReturnOp>(op)) {
      return op.emitOpError("may not be in a kernel after phase dispatch");
    }
  }
  if (work != 1) {
    return kernel.emitOpError("expected one op of work, found ") << work;
  }
  return success();
}

static LogicalResult verifySteps(func::FuncOp entry,
                                 llvm::SmallDenseSet<Attribute> &used) {
  for (Operation &op : entry.getBody().front()) {
    if (auto dispatch = dyn_cast<DispatchOp>(op)) {
      used.insert(dispatch.getKernel().getLeafReference());
    } else if (!isa<arith::ConstantOp, memref::ViewOp, WeightRefOp,
                    KvCacheRefOp, func::ReturnOp>(op)) {
      return op.emitOpError("may not remain in @forward after phase dispatch");
    }
  }
  return success();
}

namespace {

struct VerifyDispatch
    : public mlir::gemma::impl::VerifyDispatchBase<VerifyDispatch> {
  void runOnOperation() override {
    if (failed(verify(getOperation()))) {
      return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }

private:
  static LogicalResult verify(ModuleOp module) {
    auto entry = module.lookupSymbol<func::FuncOp>(kEntryName);
    auto kernels = module.lookupSymbol<ModuleOp>(kKernelModule);
    if (!entry || !kernels) {
      return module.emitError("expected @forward and a module @")
             << kKernelModule;
    }
    llvm::SmallDenseSet<Attribute> used;
    if (failed(verifySteps(entry, used))) {
      return failure();
    }
    for (auto kernel : kernels.getOps<func::FuncOp>()) {
      if (!used.contains(kernel.getSymNameAttr())) {
        return kernel.emitOpError("is used by no dispatch");
      }
      if (failed(verifyKernel(kernel))) {
        return failure();
      }
    }
    return success();
  }
};

} // namespace
