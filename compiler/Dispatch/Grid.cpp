//===- Grid.cpp - How a kernel's work is cut into items -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Dispatch/Grid.h"

#include "compiler/Dispatch/AttentionPlan.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gemma;

/// Rows one by one, each in tiles of columns.
static Grid getElementwiseGrid(ShapedType type) {
  if (type.getRank() == 1) {
    return {1, 1};
  }
  return {
      static_cast<int64_t>(llvm::divideCeil(type.getDimSize(1), kColumnTile)),
      1};
}

/// Pairs of panels of all weights, each for all rows, so that a weight is read
/// from memory once.
static Grid getMatmulGrid(ValueRange weights) {
  int64_t items = 0;
  for (Value weight : weights) {
    items += llvm::divideCeil(getWeightShape(weight.getType())[0], 2 * kPanel);
  }
  return {items, 0};
}

/// A key head with the query heads that share it, piece by piece where these
/// may be apart.
static Grid getAttentionGrid(const AttentionPlan &plan, bool combine) {
  return {plan.heads * (plan.hasPartials && !combine ? plan.pieces : 1), 1};
}

QkvItems::QkvItems(NormQkvOp op)
    : keys(op.getKEpsilon() ? op.getCache().getType().getHeads()
                            : getMatmulGrid(op.getWk()).tiles),
      values(getMatmulGrid(op.getWv()).tiles),
      queries(getMatmulGrid(op.getWq()).tiles) {}

Grid mlir::gemma::getGrid(Operation *op, const CpuTarget &target) {
  return llvm::TypeSwitch<Operation *, Grid>(op)
      .Case([](LinearOp linear) { return getMatmulGrid(linear.getWeight()); })
      .Case([](LinearResidualOp linear) {
        return getMatmulGrid(linear.getWeight());
      })
      .Case([](NormGegluOp geglu) { return getMatmulGrid(geglu.getGate()); })
      .Case([](LmHeadOp head) { return getMatmulGrid(head.getWeight()); })
      .Case([](NormLinearOp linear) {
        return getMatmulGrid(linear.getWeights());
      })
      .Case([](NormQkvOp qkv) {
        QkvItems items(qkv);
        return Grid{items.keys + items.values + items.queries, 0};
      })
      .Case([](PackRowsOp pack) {
        return getElementwiseGrid(cast<ShapedType>(pack.getX().getType()));
      })
      .Case<AttentionOp, RopeAttentionOp>([](auto attention) {
        return getAttentionGrid(AttentionPlan(attention),
                                attention.getCombine());
      })
      .Case([](GegluOp geglu) {
        return getElementwiseGrid(cast<ShapedType>(geglu.getGate().getType()));
      })
      .Case([](SoftcapOp softcap) {
        return getElementwiseGrid(cast<ShapedType>(softcap.getX().getType()));
      })
      .Case([](linalg::GenericOp generic) {
        return getElementwiseGrid(
            cast<ShapedType>(generic.getOutputs().front().getType()));
      })
      .Default([](Operation *) { return Grid{1, 1}; });
}
