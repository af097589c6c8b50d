//===- LowerKernelsToCpu.cpp - Write each kernel as vector loops over its items
//-*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Codegen/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_LOWERKERNELSTOCPU
#include "compiler/Codegen/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// Emits the loops of the one op of a kernel.
static LogicalResult lowerOp(Operation *op, KernelBuilder &kernel) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](AttentionOp op) { return lowerAttention(op, kernel); })
      .Case([&](CacheWriteOp op) { return lowerCacheWrite(op, kernel); })
      .Case([&](EmbedOp op) { return lowerEmbed(op, kernel); })
      .Case([&](GegluOp op) { return lowerGeglu(op, kernel); })
      .Case([&](LinearOp op) { return lowerLinear(op, kernel); })
      .Case(
          [&](LinearResidualOp op) { return lowerLinearResidual(op, kernel); })
      .Case([&](LmHeadOp op) { return lowerLmHead(op, kernel); })
      .Case([&](NormGegluOp op) { return lowerNormGeglu(op, kernel); })
      .Case([&](NormLinearOp op) { return lowerNormLinear(op, kernel); })
      .Case([&](NormQkvOp op) { return lowerNormQkv(op, kernel); })
      .Case([&](NormResidualOp op) { return lowerNormResidual(op, kernel); })
      .Case([&](PackRowsOp op) { return lowerPackRows(op, kernel); })
      .Case([&](RmsNormOp op) { return lowerRmsNorm(op, kernel); })
      .Case([&](RopeOp op) { return lowerRope(op, kernel); })
      .Case([&](RopeAttentionOp op) { return lowerRopeAttention(op, kernel); })
      .Case([&](SelectRowsOp op) { return lowerSelectRows(op, kernel); })
      .Case([&](SoftcapOp op) { return lowerSoftcap(op, kernel); })
      .Case([&](linalg::GenericOp op) { return lowerElementwise(op, kernel); })
      .Default([](Operation *op) {
        return op->emitOpError("has no code generation for CPUs");
      });
}

static LogicalResult lowerKernel(func::FuncOp source, const CpuTarget &target) {
  if (!source.getBody().hasOneBlock() || source.getNumArguments() < 3) {
    return source.emitOpError("expected one block that takes rows, begin and "
                              "end");
  }
  for (Operation &op : source.getBody().front()) {
    if (isa<memref::SubViewOp, func::ReturnOp>(op)) {
      continue; // Looked through by the elementwise lowering.
    }
    KernelBuilder kernel(source, target);
    if (failed(lowerOp(&op, kernel))) {
      return failure();
    }
    source.erase();
    return success();
  }
  return source.emitOpError("has no op to generate code for");
}

namespace {

struct LowerKernelsToCpu
    : public mlir::gemma::impl::LowerKernelsToCpuBase<LowerKernelsToCpu> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto kernels = module.lookupSymbol<ModuleOp>(kKernelModule);
    if (!kernels) {
      module.emitError("expected a module @") << kKernelModule;
      return signalPassFailure();
    }
    const CpuTarget &target = getCpuTarget(module);
    for (auto source :
         llvm::make_early_inc_range(kernels.getOps<func::FuncOp>())) {
      if (failed(lowerKernel(source, target))) {
        return signalPassFailure();
      }
    }
  }
};

} // namespace
