//===- VerifyPack.cpp - State what may remain after phase pack -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Matmuls.h"
#include "compiler/Pack/Passes.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/PackedRows.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYPACK
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

static bool lacksTable(Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<RopeOp, NormQkvOp, RopeAttentionOp>(
          [](auto rope) { return !rope.getTable(); })
      .Default([](Operation *) { return false; });
}

/// Plain rows are those of their weight's kind.
static LogicalResult verifyRows(Operation *op, OpOperand &rows) {
  auto weight = cast<PackedType>(getMatrix(op).getType());
  auto found = cast<ShapedType>(rows.get().getType());
  ShapedType expected = getPackedRowsType(found, weight.getEncoding().getKind(),
                                          weight.getShape()[1]);
  if (found != expected) {
    return op->emitOpError("expected ")
           << expected << " rows for the weight's encoding, found " << found;
  }
  return success();
}

/// Whatever rotates has its table, a matmul packed weights and the rows that
/// their encoding reads.
static LogicalResult verifyOp(Operation *op) {
  if (lacksTable(op)) {
    return op->emitOpError("has no table after phase pack");
  }
  if (Value matrix = getMatrix(op); matrix && !getMatrixKind(op)) {
    return op->emitOpError("expected a packed weight, found ")
           << matrix.getType();
  }
  if (OpOperand *rows = getPlainRows(op)) {
    return verifyRows(op, *rows);
  }
  bool packed = true;
  // The type of packed rows is the op's own to check.
  visitNormOp(op, [&](auto norm) { packed = bool(norm.getPacked()); });
  return packed ? success()
                : op->emitOpError("has no packed rows after phase pack");
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
