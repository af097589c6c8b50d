//===- VerifyPack.cpp - State what may remain after phase pack -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Passes.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYPACK
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// A rope has its table, a matmul rows of the type that its encoding takes.
static LogicalResult verifyOp(Operation *op) {
  if (auto rope = dyn_cast<RopeOp>(op)) {
    if (!rope.getTable()) {
      return rope.emitOpError("has no table after phase pack");
    }
  }
  if (auto linear = dyn_cast<LinearOp>(op)) {
    auto packed = dyn_cast<PackedType>(linear.getWeight().getType());
    if (!packed) {
      return linear.emitOpError("expected a packed weight, found ")
             << linear.getWeight().getType();
    }
    Type expected = packed.getEncoding().getElementType();
    Type found = getElementTypeOrSelf(linear.getX());
    if (found != expected) {
      return linear.emitOpError("expected ")
             << expected << " rows for the weight's encoding, found " << found;
    }
  }
  return success();
}

namespace {

struct VerifyPack : public mlir::gemma::impl::VerifyPackBase<VerifyPack> {
  void runOnOperation() override {
    if (failed(verifyTensorGraph(getOperation(), WeightForm::Packed))) {
      return signalPassFailure();
    }
    WalkResult result = getOperation().walk([](Operation *op) {
      return failed(verifyOp(op)) ? WalkResult::interrupt()
                                  : WalkResult::advance();
    });
    if (result.wasInterrupted()) {
      return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
