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
#include "compiler/VerifyElementwise.h"
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

/// The op of work of a kernel works on its arguments, in their order, and on
/// its number of rows: code generation knows them by that.
static LogicalResult verifyWork(Operation &op, func::FuncOp kernel) {
  Block &body = kernel.getBody().front();
  auto arguments = body.getArguments().drop_back(2);
  bool fits;
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    if (failed(verifyElementwise(generic))) {
      return failure();
    }
    fits = generic->getNumOperands() + 1 == arguments.size();
    for (auto [operand, argument] :
         llvm::zip(generic->getOperands(), arguments)) {
      auto view = operand.getDefiningOp<memref::SubViewOp>();
      fits = fits && view.getSource() == argument &&
             view.getSizes().front() == arguments.back();
    }
  } else {
    fits = llvm::equal(op.getOperands(), arguments);
  }
  return fits ? success()
              : op.emitOpError("expected the kernel's arguments as operands, "
                               "in their order");
}

/// One gemma op, or one elementwise linalg.generic on views of its rows.
static LogicalResult verifyKernel(func::FuncOp kernel) {
  if (!kernel.getBody().hasOneBlock()) {
    return kernel.emitOpError("expected one block");
  }
  int64_t work = 0;
  for (Operation &op : kernel.getBody().front()) {
    if (isa<DecoderOpInterface, linalg::GenericOp>(op)) {
      ++work;
      if (failed(verifyWork(op, kernel))) {
        return failure();
      }
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

/// The step counts the items that the kernel will have code for; with more of
/// them it would work beyond its buffers.
static LogicalResult verifyGrid(DispatchOp dispatch, ModuleOp kernels,
                                const CpuTarget &target) {
  auto kernel = kernels.lookupSymbol<func::FuncOp>(
      dispatch.getKernel().getLeafReference());
  if (!kernel) {
    return dispatch.emitOpError("expected a kernel that is a func.func");
  }
  for (Operation &op : kernel.getBody().front()) {
    if (!isa<DecoderOpInterface, linalg::GenericOp>(op)) {
      continue;
    }
    Grid grid = getGrid(&op, target);
    auto tiles = static_cast<int64_t>(dispatch.getTiles());
    auto rowTile = static_cast<int64_t>(dispatch.getRowTile());
    if (tiles != grid.tiles || rowTile != grid.rowTile) {
      return dispatch.emitOpError("expected the kernel's ")
             << grid.tiles << " tiles and row_tile " << grid.rowTile
             << ", found " << tiles << " and " << rowTile;
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
    FailureOr<func::FuncOp> entry = getEntry(module);
    if (failed(entry)) {
      return failure();
    }
    auto kernels = module.lookupSymbol<ModuleOp>(kKernelModule);
    if (!kernels) {
      return module.emitError("expected @forward and a module @")
             << kKernelModule;
    }
    llvm::SmallDenseSet<Attribute> used;
    if (failed(verifySteps(*entry, used))) {
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
    const CpuTarget &target = getCpuTarget(module);
    for (auto dispatch : entry->getOps<DispatchOp>()) {
      if (failed(verifyGrid(dispatch, kernels, target))) {
        return failure();
      }
    }
    return success();
  }
};

} // namespace
