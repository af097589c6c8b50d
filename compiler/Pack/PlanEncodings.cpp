//===- PlanEncodings.cpp - Choose an encoding for every weight -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Passes.h"
#include "compiler/Target/CpuTarget.h"
#include "dialect/GemmaOps.h"
#include "dialect/ModuleAttrs.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_PLANENCODINGS
#include "compiler/Pack/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

namespace {

struct PlanEncodings
    : public mlir::gemma::impl::PlanEncodingsBase<PlanEncodings> {
  using Base::Base;

  void runOnOperation() override {
    FailureOr<EncodingKind> matrixKind = getMatrixKind();
    if (failed(matrixKind)) {
      return signalPassFailure();
    }
    MLIRContext *context = &getContext();
    auto matrix = EncodingAttr::get(context, *matrixKind, kPanel);
    auto plain = EncodingAttr::get(context, EncodingKind::F32, 0);

    ModuleOp module = getOperation();
    for (auto weight : module.getOps<WeightOp>()) {
      if (!weight.getEncoding()) {
        auto type = cast<RankedTensorType>(weight.getType());
        weight.setEncodingAttr(type.getRank() == 2 ? matrix : plain);
      }
    }
    SymbolTable symbols(module);
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
  FailureOr<EncodingKind> getMatrixKind() {
    StringRef choice = weights;
    if (choice.empty()) {
      choice = "bf16";
      if (auto options =
              getOperation()->getAttrOfType<DictionaryAttr>(kOptionsAttr)) {
        if (auto chosen = options.getAs<StringAttr>("weights")) {
          choice = chosen.getValue();
        }
      }
    }
    if (std::optional<EncodingKind> kind = symbolizeEncodingKind(choice)) {
      return *kind;
    }
    return getOperation().emitError("weights: expected f32 or bf16, found '")
           << choice << "'";
  }
};

} // namespace
