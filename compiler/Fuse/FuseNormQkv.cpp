//===- FuseNormQkv.cpp - RMSNorm, q, k and v, and the cache's write as one op
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
#include "compiler/Target/CpuTarget.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FUSENORMQKV
#include "compiler/Fuse/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct Match {
  RmsNormOp norm;
  LinearOp q, k, v;
  /// Of the heads of k; null if there is none.
  RmsNormOp kNorm;
  RopeOp rope;
  CacheWriteOp write;
};

} // namespace

/// The third matmul that reads `norm`, beside `k` and `v`; null if there is
/// none, or another reader.
static LinearOp getOtherReader(RmsNormOp norm, LinearOp k, LinearOp v) {
  LinearOp found;
  if (k == v || !norm.getResult().hasNUses(3)) {
    return found;
  }
  for (OpOperand &use : norm.getResult().getUses()) {
    if (use.getOwner() != k && use.getOwner() != v) {
      found = dyn_cast<LinearOp>(use.getOwner());
    }
  }
  return found && found.getX() == norm.getResult() ? found : LinearOp();
}

/// Whether norm_qkv in the place of `write` gives q in time: k and v must not
/// be in the cache before the write's turn.
static bool isInTime(LinearOp q, CacheWriteOp write) {
  return q->getBlock() == write->getBlock() && canHoist(q.getWeight(), write) &&
         llvm::all_of(q.getResult().getUsers(), [&](Operation *user) {
           return user->getBlock() == write->getBlock() &&
                  write->isBeforeInBlock(user);
         });
}

static FailureOr<Match> match(CacheWriteOp write) {
  KvCacheType cache = write.getCache().getType();
  // Integer keys have a scale per head, which no item of this step sees whole.
  if (write.isBuffered() || cache.getElement().isInteger(8)) {
    return failure();
  }
  auto rope = getOnlyReadBy<RopeOp>(write.getK(), write);
  auto v = getOnlyReadBy<LinearOp>(write.getV(), write);
  if (!rope || !v || rope.getPositions() != write.getPositions() ||
      !rotatesHeadsOf(rope, cache)) {
    return failure();
  }
  auto kNorm = getOnlyReadBy<RmsNormOp>(rope.getX(), rope);
  if (kNorm && (!isHeadNorm(kNorm, cache.getHeadDim()) ||
                cache.getHeadDim() > kMaxNormedHeadDim)) {
    return failure();
  }
  auto k = kNorm ? getOnlyReadBy<LinearOp>(kNorm.getX(), kNorm)
                 : getOnlyReadBy<LinearOp>(rope.getX(), rope);
  if (!k || k.getX() != v.getX()) {
    return failure();
  }
  auto norm = k.getX().getDefiningOp<RmsNormOp>();
  if (!norm || !isRowNorm(norm) || norm->getBlock() != write->getBlock()) {
    return failure();
  }
  LinearOp q = getOtherReader(norm, k, v);
  if (!q || !isInTime(q, write)) {
    return failure();
  }
  Type element = getWeightElement(q.getWeight());
  for (LinearOp linear : {q, k, v}) {
    if (!isPlainLinear(linear) ||
        getWeightElement(linear.getWeight()) != element) {
      return failure();
    }
  }
  return Match{norm, q, k, v, kNorm, rope, write};
}

static void rewrite(Match found) {
  auto [norm, q, k, v, kNorm, rope, write] = found;
  hoist(q.getWeight(), write);
  OpBuilder builder(write);
  auto fused = NormQkvOp::create(
      builder, norm.getLoc(), q.getResult().getType(), norm.getX(),
      norm.getWeight(), /*packed=*/Value(), q.getWeight(), k.getWeight(),
      v.getWeight(), write.getCache(), write.getPositions(), write.getSlots(),
      rope.getTable(), kNorm ? kNorm.getWeight() : Value(), /*out=*/Value(),
      /*rows=*/Value(), norm.getEpsilonAttr(), norm.getUnitOffsetAttr(),
      rope.getBaseAttr(), rope.getPositionScaleAttr(),
      kNorm ? kNorm.getEpsilonAttr() : FloatAttr(),
      kNorm ? kNorm.getUnitOffsetAttr() : builder.getBoolAttr(false));
  q.getResult().replaceAllUsesWith(fused.getResult());
  write.erase();
  rope.erase();
  if (kNorm) {
    kNorm.erase();
  }
  for (LinearOp linear : {q, k, v}) {
    linear.erase();
  }
  norm.erase();
}

bool mlir::gemma::takesNormQkv(Operation *root) {
  auto op = dyn_cast<CacheWriteOp>(root);
  return op && succeeded(match(op));
}

namespace {

struct FuseNormQkv : public mlir::gemma::impl::FuseNormQkvBase<FuseNormQkv> {
  void runOnOperation() override {
    fuseAll<CacheWriteOp>(getOperation(), {kNormLinear, kRopeAttention},
                          [](auto root) {
                            if (auto found = match(root); succeeded(found)) {
                              rewrite(*found);
                            }
                          });
  }
};

} // namespace
