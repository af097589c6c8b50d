//===- FoldPackRows.cpp - Rows packed by the op that makes them -----------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Hoist.h"
#include "compiler/Pack/Passes.h"
#include "dialect/GemmaOps.h"
#include "dialect/PackedRows.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_FOLDPACKROWS
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// Lets the op that makes the rows of `pack`, and no other rows, make them
/// packed. Fails where it cannot.
static LogicalResult foldIntoProducer(PackRowsOp pack) {
  EncodingKind kind = pack.getKind();
  Value rows = pack.getX();
  // Rows that somebody else reads must stay f32; a factor per column is for
  // the residual stream only.
  if (pack.getWeight() || !rows.hasOneUse()) {
    return failure();
  }
  return llvm::TypeSwitch<Operation *, LogicalResult>(rows.getDefiningOp())
      .Case<RmsNormOp, AttentionOp, GegluOp>([&](auto producer) {
        // They round to their result's element, and do no more.
        if (kind != EncodingKind::BF16) {
          return failure();
        }
        rows.setType(pack.getResult().getType());
        return success();
      })
      .Case<NormGegluOp, RopeAttentionOp>([&](auto producer) {
        // Attention stores its rows as floats.
        bool isAttention = isa<RopeAttentionOp>(producer.getOperation());
        if (producer.getKind() || (isAttention && isQuantized(kind))) {
          return failure();
        }
        producer.setKindAttr(pack.getKindAttr());
        rows.setType(pack.getResult().getType());
        return success();
      })
      .Default([](Operation *) { return failure(); });
}

/// `residual` with the rows of `pack` as a second result.
static Operation *withPackedRows(LinearResidualOp residual, PackRowsOp pack) {
  OpBuilder builder(residual);
  return LinearResidualOp::create(
      builder, residual.getLoc(),
      {pack.getX().getType(), pack.getResult().getType()}, residual.getX(),
      residual.getWeight(), residual.getResidual(), pack.getWeight(),
      /*outs=*/ValueRange(), /*rows=*/Value(), pack.getUnitOffsetAttr(),
      pack.getKindAttr());
}
static Operation *withPackedRows(NormResidualOp residual, PackRowsOp pack) {
  OpBuilder builder(residual);
  return NormResidualOp::create(
      builder, residual.getLoc(),
      {pack.getX().getType(), pack.getResult().getType()}, residual.getX(),
      residual.getWeight(), residual.getResidual(), pack.getWeight(),
      /*outs=*/ValueRange(), /*rows=*/Value(), residual.getEpsilonAttr(),
      residual.getUnitOffsetAttr(), pack.getUnitOffsetAttr(),
      pack.getKindAttr());
}

/// Makes the rows of `pack` a second result of the op, linear_residual or
/// norm_residual, that makes the residual stream that it reads. Fails where
/// there is none, or where it has a second result.
template <typename Residual>
static LogicalResult foldIntoResidual(PackRowsOp pack) {
  auto residual = pack.getX().getDefiningOp<Residual>();
  Value weight = pack.getWeight();
  if (!residual || residual.getKind() ||
      residual->getBlock() != pack->getBlock() ||
      (weight && !canHoist(weight, residual))) {
    return failure();
  }
  if (weight) {
    hoist(weight, residual);
  }
  Operation *folded = withPackedRows(residual, pack);
  pack.getResult().replaceAllUsesWith(folded->getResult(1));
  pack.erase();
  residual->getResult(0).replaceAllUsesWith(folded->getResult(0));
  residual.erase();
  return success();
}

namespace {

struct FoldPackRows : public mlir::gemma::impl::FoldPackRowsBase<FoldPackRows> {
  void runOnOperation() override {
    SmallVector<PackRowsOp> packs;
    getOperation().walk([&](PackRowsOp pack) {
      if (!pack.isBuffered()) {
        packs.push_back(pack);
      }
    });
    for (PackRowsOp pack : packs) {
      // Its items are whole rows, which they pad.
      if (succeeded(foldIntoResidual<NormResidualOp>(pack))) {
        continue;
      }
      // Another producer writes blocks of its own columns: none would write
      // what pads the row to whole superblocks.
      int64_t columns = cast<ShapedType>(pack.getX().getType()).getDimSize(1);
      if (isQuantized(pack.getKind()) && columns % kSuperblock != 0) {
        continue;
      }
      if (succeeded(foldIntoResidual<LinearResidualOp>(pack))) {
        continue;
      }
      if (succeeded(foldIntoProducer(pack))) {
        pack.getResult().replaceAllUsesWith(pack.getX());
        pack.erase();
      }
    }
  }
};

} // namespace
