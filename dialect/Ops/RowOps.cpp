//===- RowOps.cpp - What the verifiers of decoder ops share ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"

using namespace mlir;
using namespace mlir::gemma;

ShapedType mlir::gemma::getGivenRows(Operation *op) {
  if (op->getNumResults() != 0) {
    return llvm::cast<ShapedType>(op->getResult(0).getType());
  }
  Value out = llvm::cast<DecoderOpInterface>(op).getOut();
  return llvm::cast<ShapedType>(out.getType());
}

int64_t mlir::gemma::getColumns(Type rows) {
  return llvm::cast<ShapedType>(rows).getDimSize(1);
}

LogicalResult mlir::gemma::verifySameRows(Operation *op, llvm::StringRef label,
                                          llvm::StringRef name, Type x) {
  ShapedType given = getGivenRows(op);
  ShapedType taken = llvm::cast<ShapedType>(x);
  if (succeeded(verifyCompatibleShape(given, taken)) &&
      given.getDimSize(1) == taken.getDimSize(1)) {
    return success();
  }
  return op->emitOpError() << "(" << label << ") expected the result's shape "
                           << "for " << name << ", " << given << ", found "
                           << taken;
}

void mlir::gemma::addBufferEffects(Operation *op, EffectList &effects) {
  Value out = llvm::cast<DecoderOpInterface>(op).getOut();
  // An op may work in place, so that `out` is an input as well: the written
  // operand is the last that holds it.
  bool written = false;
  for (OpOperand &operand : llvm::reverse(op->getOpOperands())) {
    if (!llvm::isa<MemRefType>(operand.get().getType())) {
      continue;
    }
    if (operand.get() == out && !written) {
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
      written = true;
    } else {
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
    }
  }
}
