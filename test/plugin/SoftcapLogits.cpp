//===- SoftcapLogits.cpp - An out-of-tree pass as a plugin ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Limits what a program returns, its logits, by gemma.softcap:
//
//   return %logits  ==>  %y = gemma.softcap(%logits) {cap = ...}
//                        return %y
//
// It runs on the tensor form, after import, fuse or pack. The effect is known
// in advance (cap * tanh(x / cap) of every logit), which check.py checks.
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaDialect.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

namespace {

struct SoftcapLogits
    : public PassWrapper<SoftcapLogits, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SoftcapLogits)

  SoftcapLogits() = default;
  // Options are copied by the base class, through their names.
  SoftcapLogits(const SoftcapLogits &other) : PassWrapper(other) {}

  StringRef getArgument() const final { return "softcap-logits"; }
  StringRef getDescription() const final {
    return "limit the logits by cap * tanh(x / cap)";
  }
  void getDependentDialects(DialectRegistry &registry) const final {
    registry.insert<gemma::GemmaDialect>();
  }

  void runOnOperation() final {
    getOperation().walk([&](func::ReturnOp op) {
      for (OpOperand &operand : op->getOpOperands()) {
        Value logits = operand.get();
        if (!isa<RankedTensorType>(logits.getType())) {
          continue;
        }
        // Built by name and attribute, so that the plugin does not depend on
        // the order of a builder's arguments.
        OpBuilder builder(op);
        OperationState state(op.getLoc(), gemma::SoftcapOp::getOperationName());
        state.addOperands(logits);
        state.addTypes(logits.getType());
        state.addAttribute("cap", builder.getF64FloatAttr(cap));
        state.addAttribute("operandSegmentSizes",
                           builder.getDenseI32ArrayAttr({1, 0, 0}));
        operand.set(builder.create(state)->getResult(0));
      }
    });
  }

  Option<double> cap{*this, "cap", llvm::cl::desc("the limit, over 0"),
                     llvm::cl::init(30.0)};
};

} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "SoftcapLogits", "1",
          [] { PassRegistration<SoftcapLogits>(); }};
}
