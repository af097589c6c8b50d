//===- VerifyFuse.cpp - State what may remain after phase fuse -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Fuse/Passes.h"
#include "compiler/VerifyTensorGraph.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYFUSE
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

static LogicalResult verifyOp(Operation *op, ModuleOp module) {
  // The kind of packed rows. Packed operands need packed weights, of which
  // there are none yet.
  if (op->hasAttr("kind")) {
    return op->emitOpError("has packed rows before phase pack");
  }
  for (const Fusion &fusion : getFusions()) {
    if (fusion.isEnabled(module) && fusion.takes(op)) {
      return op->emitOpError("may not remain: expected it in a gemma.")
             << fusion.op << ", as " << fusion.words.front() << " is on";
    }
  }
  return success();
}

namespace {

struct VerifyFuse : public mlir::gemma::impl::VerifyFuseBase<VerifyFuse> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(verifyTensorGraph(module, WeightForm::Tensor))) {
      return signalPassFailure();
    }
    for (Operation &op : getEntry(module)->getBody().front()) {
      if (failed(verifyOp(&op, module))) {
        return signalPassFailure();
      }
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
