//===- FuseNormGeglu.cpp - RMSNorm, gate, up and GeGLU as one op ----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Fuse/Passes.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FUSENORMGEGLU
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Match {
  RmsNormOp norm;
  LinearOp gate;
  LinearOp up;
  GegluOp geglu;
};

} // namespace

static FailureOr<Match> match(GegluOp geglu) {
  auto gate = getOnlyReadBy<LinearOp>(geglu.getGate(), geglu);
  auto up = getOnlyReadBy<LinearOp>(geglu.getUp(), geglu);
  if (!gate || !up || !isPlainLinear(gate) || !isPlainLinear(up)) {
    // Hidden values that somebody else reads must be stored anyway.
    return failure();
  }
  if (gate.getX() != up.getX() ||
      gate.getWeight().getType() != up.getWeight().getType()) {
    return failure();
  }
  auto norm = gate.getX().getDefiningOp<RmsNormOp>();
  if (!norm || !isRowNorm(norm) || !norm.getResult().hasNUses(2) ||
      norm->getBlock() != geglu->getBlock()) {
    return failure();
  }
  // A result of another element is for phase pack to ask for.
  if (!geglu.getResult() || !getElementTypeOrSelf(geglu.getResult()).isF32()) {
    return failure();
  }
  return Match{norm, gate, up, geglu};
}

static void rewrite(Match found) {
  auto [norm, gate, up, geglu] = found;
  OpBuilder builder(geglu);
  auto fused = NormGegluOp::create(
      builder, geglu.getLoc(), geglu.getResult().getType(), norm.getX(),
      norm.getWeight(), /*packed=*/Value(), gate.getWeight(), up.getWeight(),
      /*out=*/Value(), /*rows=*/Value(), norm.getEpsilonAttr(),
      norm.getUnitOffsetAttr(), geglu.getGeluAttr(), EncodingKindAttr());
  geglu.getResult().replaceAllUsesWith(fused.getResult());
  for (Operation *op : {geglu.getOperation(), up.getOperation(),
                        gate.getOperation(), norm.getOperation()}) {
    op->erase();
  }
}

bool mlir::gemma::takesNormGeglu(Operation *root) {
  auto op = dyn_cast<GegluOp>(root);
  return op && succeeded(match(op));
}

namespace {

struct FuseNormGeglu
    : public mlir::gemma::impl::FuseNormGegluBase<FuseNormGeglu> {
  void runOnOperation() override {
    fuseAll<GegluOp>(getOperation(), kNormGeglu, [](auto root) {
      if (auto found = match(root); succeeded(found)) {
        rewrite(*found);
      }
    });
  }
};

} // namespace
