//===- FuseNormLinear.cpp - RMSNorm and the matmuls that read it as one op
//-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Fuse/Passes.h"
#include "compiler/Hoist.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FUSENORMLINEAR
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Match {
  RmsNormOp norm;
  /// In the order of the program.
  SmallVector<LinearOp> linears;
};

} // namespace

static FailureOr<Match> match(RmsNormOp norm) {
  if (!isRowNorm(norm) || norm.getResult().use_empty()) {
    return failure();
  }
  Match found{norm, {}};
  for (OpOperand &use : norm.getResult().getUses()) {
    auto linear = dyn_cast<LinearOp>(use.getOwner());
    // Rows that somebody else reads must be stored anyway.
    if (!linear || !isPlainLinear(linear) || use.getOperandNumber() != 0 ||
        linear->getBlock() != norm->getBlock()) {
      return failure();
    }
    if (!canHoist(linear.getWeight(), norm)) {
      return failure();
    }
    found.linears.push_back(linear);
  }
  llvm::sort(found.linears,
             [](LinearOp a, LinearOp b) { return a->isBeforeInBlock(b); });
  // One encoding reads its rows in one form.
  Type element = getWeightElement(found.linears.front().getWeight());
  for (LinearOp linear : found.linears) {
    if (getWeightElement(linear.getWeight()) != element) {
      return failure();
    }
  }
  return found;
}

static void rewrite(Match found) {
  RmsNormOp norm = found.norm;
  SmallVector<Value> weights;
  SmallVector<Type> types;
  for (LinearOp linear : found.linears) {
    // Users of the first product may stand before the last one.
    hoist(linear.getWeight(), norm);
    weights.push_back(linear.getWeight());
    types.push_back(linear.getResult().getType());
  }
  OpBuilder builder(norm);
  auto fused = NormLinearOp::create(
      builder, norm.getLoc(), types, norm.getX(), norm.getWeight(),
      /*packed=*/Value(), weights, /*outs=*/ValueRange(), /*rows=*/Value(),
      norm.getEpsilonAttr(), norm.getUnitOffsetAttr());
  for (auto [linear, result] : llvm::zip(found.linears, fused->getResults())) {
    linear.getResult().replaceAllUsesWith(result);
    linear.erase();
  }
  norm.erase();
}

bool mlir::gemma::takesNormLinear(Operation *root) {
  auto op = dyn_cast<RmsNormOp>(root);
  return op && succeeded(match(op));
}

namespace {

struct FuseNormLinear
    : public mlir::gemma::impl::FuseNormLinearBase<FuseNormLinear> {
  void runOnOperation() override {
    fuseAll<RmsNormOp>(getOperation(), kNormLinear, [](auto root) {
      if (auto found = match(root); succeeded(found)) {
        rewrite(*found);
      }
    });
  }
};

} // namespace
