//===- FuseRopeAttention.cpp - Rope of the queries into attention ---------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Fuse/Passes.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FUSEROPEATTENTION
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Match {
  /// Null if there is none.
  RmsNormOp norm;
  RopeOp rope;
  AttentionOp attention;
};

} // namespace

static FailureOr<Match> match(AttentionOp attention) {
  auto rope = getOnlyReadBy<RopeOp>(attention.getQ(), attention);
  if (!rope || rope.getPositions() != attention.getPositions() ||
      !rotatesHeadsOf(rope, attention.getCache().getType())) {
    return failure();
  }
  // A result of another element is for phase pack to ask for.
  if (!attention.getResult() ||
      !getElementTypeOrSelf(attention.getResult()).isF32()) {
    return failure();
  }
  auto norm = getOnlyReadBy<RmsNormOp>(rope.getX(), rope);
  bool isOfHeads =
      norm && isHeadNorm(norm, static_cast<int64_t>(rope.getHeadDim()));
  return Match{isOfHeads ? norm : RmsNormOp(), rope, attention};
}

static void rewrite(Match found) {
  auto [norm, rope, attention] = found;
  OpBuilder builder(attention);
  auto fused = RopeAttentionOp::create(
      builder, attention.getLoc(), attention.getResult().getType(),
      norm ? norm.getX() : rope.getX(), attention.getCache(),
      attention.getPositions(), attention.getSlots(), rope.getTable(),
      norm ? norm.getWeight() : Value(), /*out=*/Value(), /*rows=*/Value(),
      attention.getQScaleAttr(), attention.getSoftcapAttr(),
      attention.getWindowAttr(), rope.getBaseAttr(),
      rope.getPositionScaleAttr(), norm ? norm.getEpsilonAttr() : FloatAttr(),
      norm ? norm.getUnitOffsetAttr() : builder.getBoolAttr(false),
      EncodingKindAttr());
  attention.getResult().replaceAllUsesWith(fused.getResult());
  attention.erase();
  rope.erase();
  if (norm) {
    norm.erase();
  }
}

bool mlir::gemma::takesRopeAttention(Operation *root) {
  auto op = dyn_cast<AttentionOp>(root);
  return op && succeeded(match(op));
}

namespace {

struct FuseRopeAttention
    : public mlir::gemma::impl::FuseRopeAttentionBase<FuseRopeAttention> {
  void runOnOperation() override {
    fuseAll<AttentionOp>(getOperation(), kRopeAttention, [](auto root) {
      if (auto found = match(root); succeeded(found)) {
        rewrite(*found);
      }
    });
  }
};

} // namespace
