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

namespace mlir::gemma {
#define GEN_PASS_DEF_ADDROPETABLES
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// The table that `rope` reads, for `positions` positions.
static RopeTableSourceAttr getSource(RopeOp rope, int64_t positions) {
  return RopeTableSourceAttr::get(
      rope.getContext(), rope.getBaseAttr(), rope.getPositionScaleAttr(),
      rope.getHeadDim(), rope.getRotated(), positions);
}

namespace {

struct AddRopeTables
    : public mlir::gemma::impl::AddRopeTablesBase<AddRopeTables> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<RopeOp> ropes;
    module.walk([&](RopeOp rope) {
      if (!rope.getTable() && !rope.isBuffered()) {
        ropes.push_back(rope);
      }
    });
    // One that rotates nothing has no angles to read.
    llvm::erase_if(ropes, [](RopeOp rope) {
      if (rope.getRotated() != 0) {
        return false;
      }
      rope.getResult().replaceAllUsesWith(rope.getX());
      rope.erase();
      return true;
    });
    if (ropes.empty()) {
      return;
    }
    FailureOr<int64_t> covered = getPositions();
    if (failed(covered)) {
      return signalPassFailure();
    }
    for (RopeOp rope : ropes) {
      addTable(rope, getOrCreateTable(getSource(rope, *covered)));
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

  static void addTable(RopeOp rope, WeightOp table) {
    OpBuilder builder(rope);
    Value value = WeightRefOp::create(builder, rope.getLoc(), table.getType(),
                                      table.getSymName());
    rope.getTableMutable().assign(value);
  }

  llvm::MapVector<Attribute, WeightOp> tables;
};

} // namespace
