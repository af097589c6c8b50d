//===- RoundMatmulInputs.cpp - Give bf16 matmuls bf16 rows -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Passes.h"
#include "dialect/GemmaOps.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_ROUNDMATMULINPUTS
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// Whether `linear` multiplies bf16 values.
static bool takesBf16(LinearOp linear) {
  auto packed = dyn_cast<PackedType>(linear.getWeight().getType());
  return packed && packed.getEncoding().getKind() == EncodingKind::BF16;
}

/// Whether `use` is the rows of a matmul that takes bf16.
static bool isBf16Input(OpOperand &use) {
  auto linear = dyn_cast<LinearOp>(use.getOwner());
  return linear && use.get() == linear.getX() && takesBf16(linear);
}

/// Whether the op that gives `rows` can round them itself: all but embed,
/// rope, linear and softcap, whose results are f32 by their constraints, and
/// select_rows, which passes its element on.
static bool canRound(Value rows) {
  return isa_and_nonnull<RmsNormOp, AttentionOp, GegluOp>(rows.getDefiningOp());
}

namespace {

struct RoundMatmulInputs
    : public mlir::gemma::impl::RoundMatmulInputsBase<RoundMatmulInputs> {
  void runOnOperation() override {
    getOperation().walk([](LinearOp linear) {
      auto type = dyn_cast<RankedTensorType>(linear.getX().getType());
      if (!type || !type.getElementType().isF32() || !takesBf16(linear)) {
        return;
      }
      Value rows = linear.getX();
      auto rounded =
          type.clone(type.getShape(), BFloat16Type::get(type.getContext()));
      bool rounds = canRound(rows) && llvm::all_of(rows.getUses(), isBf16Input);
      if (rounds) {
        rows.setType(rounded);
        return;
      }
      OpBuilder builder(linear);
      builder.setInsertionPointAfterValue(rows);
      Value cast =
          arith::TruncFOp::create(builder, linear.getLoc(), rounded, rows);
      rows.replaceUsesWithIf(cast, isBf16Input);
    });
  }
};

} // namespace
