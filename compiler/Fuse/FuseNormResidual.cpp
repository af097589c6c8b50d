//===- FuseNormResidual.cpp - Post norm and residual add as one op --------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Fuse/Passes.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FUSENORMRESIDUAL
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Match {
  RmsNormOp norm;
  Value residual;
  arith::AddFOp add;
};

} // namespace

static FailureOr<Match> match(arith::AddFOp add) {
  if (!isPlainAdd(add)) {
    return failure();
  }
  // The residual stream comes first in Gemma; of two norms, the one behind.
  for (unsigned side : {1, 0}) {
    auto norm = getOnlyReadBy<RmsNormOp>(add->getOperand(side), add);
    if (norm && isRowNorm(norm)) {
      return Match{norm, add->getOperand(1 - side), add};
    }
  }
  return failure();
}

static void rewrite(Match found) {
  auto [norm, residual, add] = found;
  OpBuilder builder(add);
  auto fused = NormResidualOp::create(
      builder, add.getLoc(), TypeRange(add.getType()), norm.getX(),
      norm.getWeight(), residual, /*pack_weight=*/Value(),
      /*outs=*/ValueRange(), /*rows=*/Value(), norm.getEpsilonAttr(),
      norm.getUnitOffsetAttr(), builder.getBoolAttr(false), EncodingKindAttr());
  add.replaceAllUsesWith(fused->getResult(0));
  add.erase();
  norm.erase();
}

bool mlir::gemma::takesNormResidual(Operation *root) {
  auto op = dyn_cast<arith::AddFOp>(root);
  return op && succeeded(match(op));
}

namespace {

struct FuseNormResidual
    : public mlir::gemma::impl::FuseNormResidualBase<FuseNormResidual> {
  void runOnOperation() override {
    fuseAll<arith::AddFOp>(getOperation(), kNormResidual, [](auto root) {
      if (auto found = match(root); succeeded(found)) {
        rewrite(*found);
      }
    });
  }
};

} // namespace
