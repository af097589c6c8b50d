//===- SplitAttention.cpp - Give attention a second step ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Bufferize/Passes.h"
#include "compiler/Dispatch/AttentionPlan.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_SPLITATTENTION
#include "compiler/Bufferize/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

template <typename Op> static void split(Op op) {
  if (op.getPartials() || !op.isBuffered()) {
    return;
  }
  OpBuilder builder(op);
  int64_t maxRows = cast<MemRefType>(op.getOut().getType()).getDimSize(0);
  Value partials = memref::AllocOp::create(
      builder, op.getLoc(),
      AttentionPlan(op).getPartialsType(op.getContext(), maxRows));
  op.getPartialsMutable().assign(partials);
  builder.setInsertionPointAfter(op);
  cast<Op>(builder.clone(*op)).setCombine(true);
}

namespace {

struct SplitAttention
    : public mlir::gemma::impl::SplitAttentionBase<SplitAttention> {
  void runOnOperation() override {
    FailureOr<func::FuncOp> entry = getEntry(getOperation());
    if (failed(entry)) {
      return signalPassFailure();
    }
    for (Operation &op : llvm::make_early_inc_range(entry->getBody().front())) {
      if (auto attention = dyn_cast<AttentionOp>(op)) {
        split(attention);
      } else if (auto attention = dyn_cast<RopeAttentionOp>(op)) {
        split(attention);
      }
    }
  }
};

} // namespace
