//===- VerifyCodegen.cpp - State what may remain after phase codegen -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Passes.h"
#include "compiler/Dispatch/Grid.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYCODEGEN
#include "compiler/Codegen/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

static bool isGemmaType(Type type) {
  return isa<GemmaDialect>(type.getDialect());
}

namespace {

struct VerifyCodegen
    : public mlir::gemma::impl::VerifyCodegenBase<VerifyCodegen> {
  void runOnOperation() override {
    auto kernels = getOperation().lookupSymbol<ModuleOp>(kKernelModule);
    if (!kernels) {
      getOperation().emitError("expected a module @") << kKernelModule;
      return signalPassFailure();
    }
    WalkResult result = kernels.walk([](Operation *op) {
      if (isa_and_present<GemmaDialect, linalg::LinalgDialect>(
              op->getDialect()) ||
          isa<CallOpInterface>(op) ||
          llvm::any_of(op->getOperandTypes(), isGemmaType)) {
        op->emitOpError("may not be in a kernel after phase codegen");
        return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (result.wasInterrupted()) {
      return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
