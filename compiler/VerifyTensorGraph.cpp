//===- VerifyTensorGraph.cpp - What a graph on tensors may hold -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/VerifyTensorGraph.h"

#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::gemma;

static LogicalResult verifySignature(func::FuncOp entry) {
  FunctionType type = entry.getFunctionType();
  auto indices = RankedTensorType::get({ShapedType::kDynamic},
                                       IntegerType::get(type.getContext(), 32));
  auto logits = type.getNumResults() == 1
                    ? dyn_cast<RankedTensorType>(type.getResult(0))
                    : RankedTensorType();
  bool inputsFit =
      type.getNumInputs() == 4 &&
      llvm::all_of(type.getInputs(), [&](Type t) { return t == indices; });
  if (!inputsFit || !logits || logits.getRank() != 2 ||
      !logits.isDynamicDim(0) || logits.isDynamicDim(1) ||
      !logits.getElementType().isF32()) {
    return entry.emitOpError("expected type (tokens, positions, slots, "
                             "out_rows: tensor<?xi32>) -> tensor<?xVxf32>, "
                             "found ")
           << type;
  }
  return success();
}

FailureOr<func::FuncOp> mlir::gemma::getEntry(ModuleOp module) {
  auto entry = module.lookupSymbol<func::FuncOp>(kEntryName);
  if (!entry) {
    return module.emitError("expected a function @") << kEntryName;
  }
  if (!entry.getBody().hasOneBlock()) {
    return entry.emitOpError("expected one block");
  }
  return entry;
}

static LogicalResult verifyOp(Operation &op) {
  if (auto decoderOp = dyn_cast<DecoderOpInterface>(op)) {
    if (decoderOp.isBuffered()) {
      return op.emitOpError("is in its buffer form, expected tensors");
    }
    return success();
  }
  if (isa<WeightRefOp, KvCacheRefOp, func::ReturnOp>(op)) {
    return success();
  }
  if (isa_and_present<arith::ArithDialect, math::MathDialect>(
          op.getDialect()) &&
      op.hasTrait<OpTrait::Elementwise>()) {
    return success();
  }
  return op.emitOpError("may not remain on tensors: expected a gemma op "
                        "or an elementwise arith or math op");
}

LogicalResult mlir::gemma::verifyTensorGraph(ModuleOp module, WeightForm form) {
  FailureOr<func::FuncOp> entry = getEntry(module);
  if (failed(entry) || failed(verifySignature(*entry))) {
    return failure();
  }
  for (Operation &op : entry->getBody().front()) {
    if (failed(verifyOp(op))) {
      return failure();
    }
  }
  // References have the weight's form by their own verifier.
  for (auto weight : module.getOps<WeightOp>()) {
    bool packed = weight.getEncoding().has_value();
    if (packed != (form == WeightForm::Packed)) {
      return weight.emitOpError(packed ? "has an encoding before phase pack"
                                       : "has no encoding after phase pack");
    }
  }
  return success();
}
