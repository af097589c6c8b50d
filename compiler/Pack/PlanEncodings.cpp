//===- PlanEncodings.cpp - Choose an encoding for every weight -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/ImportOptions.h"
#include "compiler/Pack/Passes.h"
#include "compiler/Pack/StoredKinds.h"
#include "compiler/Target/CpuTarget.h"
#include "dialect/GemmaOps.h"
#include "dialect/ModuleAttrs.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_PLANENCODINGS
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// The weights that one op multiplies, which have one encoding; none for ops
/// that multiply by one weight.
static SmallVector<Value> getSharedWeights(Operation *op) {
  if (auto qkv = dyn_cast<NormQkvOp>(op)) {
    return {qkv.getWq(), qkv.getWk(), qkv.getWv()};
  }
  if (auto geglu = dyn_cast<NormGegluOp>(op)) {
    return {geglu.getGate(), geglu.getUp()};
  }
  if (auto norm = dyn_cast<NormLinearOp>(op)) {
    return SmallVector<Value>(norm.getWeights());
  }
  return {};
}

/// Whether `value` becomes the logits, a softcap apart.
static bool isReturned(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    auto softcap = dyn_cast<SoftcapOp>(user);
    return isa<func::ReturnOp>(user) ||
           (softcap && isReturned(softcap.getResult()));
  });
}

/// The weight that `op` multiplies to get the logits; null if it does not.
static Value getHead(Operation *op) {
  if (auto head = dyn_cast<LmHeadOp>(op)) {
    return head.getWeight();
  }
  if (auto linear = dyn_cast<LinearOp>(op); linear &&
                                            linear->getNumResults() == 1 &&
                                            isReturned(linear.getResult())) {
    return linear.getWeight();
  }
  if (auto norm = dyn_cast<NormLinearOp>(op);
      norm && norm.getWeights().size() == 1 && norm->getNumResults() == 1 &&
      isReturned(norm.getResults().front())) {
    return norm.getWeights().front();
  }
  return Value();
}

namespace {

struct PlanEncodings
    : public mlir::gemma::impl::PlanEncodingsBase<PlanEncodings> {
  using Base::Base;

  void runOnOperation() override {
    if (failed(readKinds())) {
      return signalPassFailure();
    }
    MLIRContext *context = &getContext();
    ModuleOp module = getOperation();
    findRoles();
    SymbolTable symbols(module);
    llvm::StringMap<EncodingKind> kinds;
    for (auto weight : module.getOps<WeightOp>()) {
      if (cast<RankedTensorType>(weight.getType()).getRank() == 2) {
        auto encoding = weight.getEncoding();
        kinds[weight.getSymName()] =
            encoding ? encoding->getKind() : getKind(weight);
      }
    }
    joinShared(kinds);
    for (auto weight : module.getOps<WeightOp>()) {
      if (!weight.getEncoding()) {
        auto kind = kinds.find(weight.getSymName());
        weight.setEncodingAttr(
            kind == kinds.end()
                ? EncodingAttr::get(context, EncodingKind::F32, 0)
                : EncodingAttr::get(context, kind->second, kPanel));
      }
    }
    module.walk([&](WeightRefOp reference) {
      // Nested modules have weights of their own, which are no business of
      // this program.
      auto weight = symbols.lookup<WeightOp>(reference.getWeight());
      if (!weight || reference->getParentOfType<ModuleOp>() != module) {
        return;
      }
      auto type = cast<RankedTensorType>(weight.getType());
      reference.getResult().setType(
          PackedType::get(context, type.getShape(), *weight.getEncoding()));
    });
  }

private:
  /// Notes the weights that are heads and embeddings.
  void findRoles() {
    auto note = [](Value weight, llvm::StringSet<> &names) {
      if (auto reference = weight.getDefiningOp<WeightRefOp>()) {
        names.insert(reference.getWeight());
      }
    };
    heads.clear();
    embeddings.clear();
    getOperation().walk([&](Operation *op) {
      if (op->getParentOfType<ModuleOp>() != getOperation()) {
        return;
      }
      if (Value head = getHead(op)) {
        note(head, heads);
      } else if (auto embed = dyn_cast<EmbedOp>(op)) {
        note(embed.getTable(), embeddings);
      }
    });
  }

  EncodingKind getKind(WeightOp matrix) {
    StringRef name = matrix.getSymName();
    if (heads.contains(name)) {
      return headKind ? *headKind : getStoredKind(matrix);
    }
    if (!matrixKind) {
      return getStoredKind(matrix);
    }
    return matrixKind == EncodingKind::Q4_0 && embeddings.contains(name)
               ? EncodingKind::Q8_0
               : *matrixKind;
  }

  /// Gives weights of one op the smallest encoding that holds what all of them
  /// hold: tensors of a file may differ.
  void joinShared(llvm::StringMap<EncodingKind> &kinds) {
    bool changed;
    auto join = [&](Operation *op) {
      if (op->getParentOfType<ModuleOp>() != getOperation()) {
        return;
      }
      SmallVector<EncodingKind *> shared;
      for (Value weight : getSharedWeights(op)) {
        auto reference = weight.getDefiningOp<WeightRefOp>();
        auto place =
            reference ? kinds.find(reference.getWeight()) : kinds.end();
        if (place != kinds.end()) {
          shared.push_back(&place->second);
        }
      }
      for (EncodingKind *kind : shared) {
        *shared.front() = joinKinds(*shared.front(), *kind);
      }
      for (EncodingKind *kind : shared) {
        changed |= *kind != *shared.front();
        *kind = *shared.front();
      }
    };
    // Again for a weight that two ops share.
    do {
      changed = false;
      getOperation().walk(join);
    } while (changed);
  }

  /// What gemma.options say of `key`; empty if nothing.
  StringRef getOption(StringRef key) {
    auto options = getOperation()->getAttrOfType<DictionaryAttr>(kOptionsAttr);
    auto value = options ? options.getAs<StringAttr>(key) : StringAttr();
    return value ? value.getValue() : StringRef();
  }

  /// Leaves nothing in `kind` for what the checkpoint stores.
  LogicalResult readKind(StringRef what, StringRef choice,
                         std::optional<EncodingKind> &kind) {
    kind = symbolizeEncodingKind(choice);
    if (!kind && choice != StringRef(kStoredWeights)) {
      return getOperation().emitError(what)
             << ": expected f32, f16, bf16, q8_0, q4_0 or stored, found '"
             << choice << "'";
    }
    return success();
  }

  LogicalResult readKinds() {
    std::string choice = weights, head = headWeights;
    if (choice.empty()) {
      choice = getOption("weights").str();
      head = head.empty() ? getOption(kHeadWeightsKey).str() : head;
    }
    if (choice.empty()) {
      choice = "bf16";
    }
    if (head.empty()) {
      head = getDefaultHeadWeights(choice);
    }
    return failure(failed(readKind("weights", choice, matrixKind)) ||
                   failed(readKind("head-weights", head, headKind)));
  }

  std::optional<EncodingKind> matrixKind, headKind;
  llvm::StringSet<> heads, embeddings;
};

} // namespace
