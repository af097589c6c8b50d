//===- VerifyImport.cpp - State what phase import gives -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Fusions.h"
#include "compiler/Import/ImportOptions.h"
#include "compiler/Import/Passes.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"
#include "dialect/ModuleAttrs.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_VERIFYIMPORT
#include "compiler/Import/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// Keys and their types are the dialect's to check; here, what they say.
static LogicalResult verifyAttributes(ModuleOp module) {
  for (StringRef name : {kModelAttr, kOptionsAttr}) {
    if (!module->hasAttr(name)) {
      return module.emitError() << "expected the attribute " << name
                                << " after phase import, found none";
    }
  }
  auto options = module->getAttrOfType<DictionaryAttr>(kOptionsAttr);
  for (StringRef key : {StringRef("weights"), StringRef(kHeadWeightsKey)}) {
    auto kind = options.getAs<StringAttr>(key);
    if (kind && kind.getValue() != StringRef(kStoredWeights) &&
        !symbolizeEncodingKind(kind.getValue())) {
      return module.emitError() << kOptionsAttr
                                << ": expected f32, f16, bf16, q8_0, q4_0 or "
                                   "stored for '"
                                << key << "', found " << kind;
    }
  }
  auto rule = options.getAs<StringAttr>(kQ4RuleKey);
  if (rule && rule.getValue() != kQ4RuleMse && rule.getValue() != kQ4RuleGgml) {
    return module.emitError() << kOptionsAttr << ": expected mse or ggml for '"
                              << kQ4RuleKey << "', found " << rule;
  }
  int64_t maxRows = options.getAs<IntegerAttr>("max_rows").getInt();
  if (maxRows < 1) {
    return module.emitError()
           << kOptionsAttr << ": expected a positive max_rows, found "
           << maxRows;
  }
  auto off = options.getAs<ArrayAttr>(kNoFuseKey);
  for (Attribute entry : off ? off.getValue() : ArrayRef<Attribute>()) {
    if (!llvm::is_contained(getFusionWords(),
                            cast<StringAttr>(entry).getValue())) {
      return module.emitError() << kOptionsAttr << ": expected fusions in "
                                << kNoFuseKey << ", found " << entry;
    }
  }
  return success();
}

static LogicalResult verifySymbols(ModuleOp module) {
  bool hasFolder = module->hasAttr(kCheckpointAttr);
  if (!hasFolder && module->hasAttr(kTokenizerAttr)) {
    return module.emitError()
           << kTokenizerAttr << ": expected " << kCheckpointAttr
           << " to say where it is, found none";
  }
  for (Operation &op : *module.getBody()) {
    if (!isa<WeightOp, KvCacheOp, func::FuncOp>(op)) {
      return op.emitOpError("may not stand in a module after phase import: "
                            "expected weights, KV caches and functions");
    }
    auto weight = dyn_cast<WeightOp>(op);
    if (weight && !hasFolder &&
        isa_and_nonnull<TensorSourceAttr>(weight.getSourceAttr())) {
      return weight.emitOpError()
             << "expected " << kCheckpointAttr
             << " to say where the tensor's file is, found none";
    }
  }
  return success();
}

/// The entry has what checkpoints mean, not yet how it is best done.
static LogicalResult verifyInputOps(ModuleOp module) {
  for (Operation &op : getEntry(module)->getBody().front()) {
    if (isa<FusedOpInterface, PackRowsOp>(op)) {
      return op.emitOpError("may not remain after phase import: expected input "
                            "ops");
    }
  }
  return success();
}

static LogicalResult verifyLogits(ModuleOp module) {
  auto entry = module.lookupSymbol<func::FuncOp>(kEntryName);
  auto logits = cast<RankedTensorType>(entry.getResultTypes().front());
  auto model = module->getAttrOfType<DictionaryAttr>(kModelAttr);
  int64_t vocab = model.getAs<IntegerAttr>("vocab").getInt();
  if (logits.getDimSize(1) != vocab) {
    return entry.emitOpError("expected logits for a vocabulary of ")
           << vocab << ", found " << logits;
  }
  return success();
}

namespace {

struct VerifyImport : public mlir::gemma::impl::VerifyImportBase<VerifyImport> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(verifyAttributes(module)) || failed(verifySymbols(module)) ||
        failed(verifyTensorGraph(module, WeightForm::Tensor)) ||
        failed(verifyInputOps(module)) || failed(verifyLogits(module))) {
      return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }
};

} // namespace
