//===- FuseLinearResidual.cpp - Matmul and residual add as one op ---------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Fuse/Passes.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FUSELINEARRESIDUAL
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Match {
  LinearOp linear;
  Value residual;
  arith::AddFOp add;
};

} // namespace

static FailureOr<Match> match(arith::AddFOp add) {
  if (!isPlainAdd(add)) {
    return failure();
  }
  // The residual stream comes first in Gemma; of two matmuls, the one behind.
  for (unsigned side : {1, 0}) {
    auto linear = getOnlyReadBy<LinearOp>(add->getOperand(side), add);
    if (linear && isPlainLinear(linear)) {
      return Match{linear, add->getOperand(1 - side), add};
    }
  }
  return failure();
}

static void rewrite(Match found) {
  auto [linear, residual, add] = found;
  OpBuilder builder(add);
  auto fused = LinearResidualOp::create(
      builder, add.getLoc(), TypeRange(add.getType()), linear.getX(),
      linear.getWeight(), residual, /*norm_weight=*/Value(),
      /*outs=*/ValueRange(), /*rows=*/Value(), builder.getBoolAttr(false),
      EncodingKindAttr());
  add.replaceAllUsesWith(fused->getResult(0));
  add.erase();
  linear.erase();
}

bool mlir::gemma::takesLinearResidual(Operation *root) {
  auto op = dyn_cast<arith::AddFOp>(root);
  return op && succeeded(match(op));
}

namespace {

struct FuseLinearResidual
    : public mlir::gemma::impl::FuseLinearResidualBase<FuseLinearResidual> {
  void runOnOperation() override {
    fuseAll<arith::AddFOp>(getOperation(), kLinearResidual, [](auto root) {
      if (auto found = match(root); succeeded(found)) {
        rewrite(*found);
      }
    });
  }
};

} // namespace
