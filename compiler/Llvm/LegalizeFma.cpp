//===- LegalizeFma.cpp - Every fused multiply-add is decided here ---------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Kernels.h"
#include "compiler/Llvm/Passes.h"
#include "compiler/Target/TargetSpec.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_LEGALIZEFMA
#include "compiler/Llvm/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;

/// Replaces fma or fmuladd `op`.
static void legalize(Operation *op, bool hasFma) {
  if (hasFma && isa<LLVM::FMAOp>(op)) {
    return;
  }
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Value a = op->getOperand(0), b = op->getOperand(1), c = op->getOperand(2);
  Value result;
  if (hasFma) {
    result = LLVM::FMAOp::create(builder, loc, a, b, c);
  } else {
    Value product = LLVM::FMulOp::create(builder, loc, a, b);
    result = LLVM::FAddOp::create(builder, loc, product, c);
  }
  op->replaceAllUsesWith(ValueRange(result));
  op->erase();
}

namespace {

struct LegalizeFma : mlir::gemma::impl::LegalizeFmaBase<LegalizeFma> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp kernels = mlir::gemma::getKernels(getOperation());
    if (!kernels) {
      return;
    }
    bool hasFma = mlir::gemma::TargetSpec::of(getOperation()).hasFma();
    kernels.walk([&](Operation *op) {
      if (isa<LLVM::FMAOp, LLVM::FMulAddOp>(op)) {
        legalize(op, hasFma);
      }
    });
  }
};

} // namespace
