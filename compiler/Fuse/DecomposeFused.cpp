//===- DecomposeFused.cpp - Fused ops back into input ops -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Passes.h"
#include "dialect/GemmaOps.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_DECOMPOSEFUSED
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct DecomposeFused
    : public mlir::gemma::impl::DecomposeFusedBase<DecomposeFused> {
  void runOnOperation() override {
    SmallVector<FusedOpInterface> ops;
    getOperation().walk([&](FusedOpInterface op) { ops.push_back(op); });
    for (FusedOpInterface op : ops) {
      OpBuilder builder(op);
      FailureOr<SmallVector<Value>> values = op.decompose(builder);
      if (failed(values)) {
        op->emitOpError("expected the form of phase fuse: on tensors, rows "
                        "not packed");
        return signalPassFailure();
      }
      op->replaceAllUsesWith(*values);
      op->erase();
    }
  }
};

} // namespace
