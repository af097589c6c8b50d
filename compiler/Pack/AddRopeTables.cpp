//===- AddRopeTables.cpp - Give every rope the table of its angles -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Passes.h"
#include "dialect/GemmaOps.h"
#include "dialect/ModuleAttrs.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_ADDROPETABLES
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// Heads that `op` rotates, and how many of their dimensions.
static std::pair<int64_t, int64_t> getRotation(RopeOp op) {
  return {op.getHeadDim(), op.getRotated()};
}
template <typename FusedOp>
static std::pair<int64_t, int64_t> getRotation(FusedOp op) {
  int64_t headDim = op.getCache().getType().getHeadDim();
  return {headDim, headDim};
}

namespace {

struct AddRopeTables
    : public mlir::gemma::impl::AddRopeTablesBase<AddRopeTables> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Operation *> rotating;
    module.walk([&](DecoderOpInterface op) {
      if (isa<RopeOp, NormQkvOp, RopeAttentionOp>(op) && !op.isBuffered()) {
        rotating.push_back(op);
      }
    });
    for (Operation *op : rotating) {
      LogicalResult done = llvm::TypeSwitch<Operation *, LogicalResult>(op)
                               .Case<RopeOp, NormQkvOp, RopeAttentionOp>(
                                   [&](auto rope) { return addTable(rope); });
      if (failed(done)) {
        return signalPassFailure();
      }
    }
  }

private:
  FailureOr<int64_t> getPositions() {
    if (positions > 0) {
      return positions.getValue();
    }
    if (auto model =
            getOperation()->getAttrOfType<DictionaryAttr>(kModelAttr)) {
      if (auto context = model.getAs<IntegerAttr>("context")) {
        if (context.getInt() > 0) {
          return context.getInt();
        }
        return getOperation().emitError(
                   "gemma.model: expected a positive context, found ")
               << context.getInt();
      }
    }
    return getOperation().emitError(
        "expected the option positions or a context in gemma.model");
  }

  WeightOp getOrCreateTable(RopeTableSourceAttr source) {
    WeightOp &table = tables[source];
    if (table) {
      return table;
    }
    ModuleOp module = getOperation();
    OpBuilder builder(module.getBodyRegion());
    // Behind the other weights, so that the order of symbols is stable.
    for (auto weight : module.getOps<WeightOp>()) {
      builder.setInsertionPointAfter(weight);
    }
    auto type = RankedTensorType::get(source.getShape(), builder.getF32Type());
    table = WeightOp::create(builder, module.getLoc(),
                             ("rope." + Twine(tables.size() - 1)).str(), type,
                             source,
                             /*encoding=*/EncodingAttr());
    return table;
  }

  template <typename Rope> LogicalResult addTable(Rope rope) {
    auto [headDim, rotated] = getRotation(rope);
    if (rope.getTable()) {
      return success();
    }
    // One that rotates nothing has no angles to read.
    if (rotated == 0) {
      rope.getResult().replaceAllUsesWith(rope->getOperand(0));
      rope.erase();
      return success();
    }
    FailureOr<int64_t> covered = getPositions();
    if (failed(covered)) {
      return failure();
    }
    WeightOp table = getOrCreateTable(RopeTableSourceAttr::get(
        rope.getContext(), rope.getBaseAttr(), rope.getPositionScaleAttr(),
        headDim, rotated, *covered));
    OpBuilder builder(rope);
    Value value = WeightRefOp::create(builder, rope.getLoc(), table.getType(),
                                      table.getSymName());
    rope.getTableMutable().assign(value);
    return success();
  }

  llvm::MapVector<Attribute, WeightOp> tables;
};

} // namespace
