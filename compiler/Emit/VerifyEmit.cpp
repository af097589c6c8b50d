//===- VerifyEmit.cpp - What an artifact can be written from --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Manifest.h"
#include "compiler/Emit/Passes.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYEMIT
#include "compiler/Emit/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;

namespace {

struct VerifyEmit : mlir::gemma::impl::VerifyEmitBase<VerifyEmit> {
  using Base::Base;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    auto program = mlir::gemma::buildProgram(getOperation());
    if (!program) {
      getOperation().emitError() << program.error().message;
      return signalPassFailure();
    }
    for (mlir::gemma::WeightOp weight : program->weights) {
      if (!weight.getSource()) {
        weight.emitOpError("expected a source to read the weight from, found "
                           "none");
        return signalPassFailure();
      }
    }
  }
};

} // namespace
