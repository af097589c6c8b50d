//===- FuseLmHead.cpp - Final norm and head as one op ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Fuse/Passes.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FUSELMHEAD
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Match {
  SelectRowsOp select;
  RmsNormOp norm;
  LinearOp linear;
  /// Null if there is none.
  SoftcapOp softcap;
};

} // namespace

static FailureOr<Match> match(SelectRowsOp select) {
  if (!select.getResult() ||
      !getElementTypeOrSelf(select.getResult()).isF32()) {
    return failure();
  }
  auto norm = getOnlyReader<RmsNormOp>(select.getResult(), select);
  if (!norm || !isRowNorm(norm)) {
    return failure();
  }
  // The rows are the norm's, not its weight.
  auto linear = getOnlyReader<LinearOp>(norm.getResult(), norm);
  if (!linear || !isPlainLinear(linear) || linear.getX() != norm.getResult()) {
    return failure();
  }
  return Match{select, norm, linear,
               getOnlyReader<SoftcapOp>(linear.getResult(), linear)};
}

static void rewrite(Match found) {
  auto [select, norm, linear, softcap] = found;
  Operation *last = softcap ? softcap.getOperation() : linear.getOperation();
  OpBuilder builder(last);
  auto fused = LmHeadOp::create(
      builder, last->getLoc(), last->getResult(0).getType(), select.getX(),
      norm.getWeight(), /*packed=*/Value(), select.getIndices(),
      linear.getWeight(), /*out=*/Value(), /*rows=*/Value(),
      norm.getEpsilonAttr(), norm.getUnitOffsetAttr(),
      softcap ? softcap.getCapAttr() : FloatAttr());
  last->getResult(0).replaceAllUsesWith(fused.getResult());
  if (softcap) {
    softcap.erase();
  }
  linear.erase();
  norm.erase();
  select.erase();
}

bool mlir::gemma::takesLmHead(Operation *root) {
  auto op = dyn_cast<SelectRowsOp>(root);
  return op && succeeded(match(op));
}

namespace {

struct FuseLmHead : public mlir::gemma::impl::FuseLmHeadBase<FuseLmHead> {
  void runOnOperation() override {
    fuseAll<SelectRowsOp>(getOperation(), kLmHead, [](auto root) {
      if (auto found = match(root); succeeded(found)) {
        rewrite(*found);
      }
    });
  }
};

} // namespace
