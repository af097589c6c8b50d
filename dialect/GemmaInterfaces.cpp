//===- GemmaInterfaces.cpp - What passes ask of decoder ops ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaInterfaces.h"

using namespace mlir;
using namespace mlir::gemma;

#include "dialect/GemmaInterfaces.cpp.inc"

LogicalResult mlir::gemma::detail::verifyForm(Operation *operation) {
  auto op = llvm::cast<DecoderOpInterface>(operation);
  bool buffered = static_cast<bool>(op.getRows());
  for (Value operand : operation->getOperands()) {
    Type type = operand.getType();
    // Weights are tensors until they are packed, whatever the form; they never
    // become memrefs, so only the converse can be checked here.
    if (!buffered && llvm::isa<MemRefType>(type)) {
      return operation->emitOpError(
                 "(F1) expected no memref without `rows`, found ")
             << type;
    }
    if (buffered && llvm::isa<TensorType>(type)) {
      return operation->emitOpError(
                 "(F2) expected no tensor with `rows`, found ")
             << type;
    }
  }
  if (!buffered && op.getOut()) {
    return operation->emitOpError("(F1) expected no `into` without `rows`");
  }
  if (buffered && operation->getNumResults() != 0) {
    return operation->emitOpError("(F2) expected no result with `rows`, found ")
           << operation->getNumResults();
  }
  if (!op.givesRows()) {
    return success();
  }
  if (!buffered && operation->getNumResults() == 0) {
    return operation->emitOpError("(F1) expected one result without `rows`");
  }
  for (Type type : operation->getResultTypes()) {
    if (!llvm::isa<TensorType>(type)) {
      return operation->emitOpError(
                 "(F1) expected a tensor for the result, found ")
             << type;
    }
  }
  if (buffered && !op.getOut()) {
    return operation->emitOpError("(F2) expected `into` with `rows`");
  }
  return success();
}
