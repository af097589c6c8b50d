//===- WeightRef.cpp - The value of a weight ------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult
WeightRefOp::verifySymbolUses(SymbolTableCollection &symbolTable) {
  auto weight =
      symbolTable.lookupNearestSymbolFrom<WeightOp>(*this, getWeightAttr());
  if (!weight) {
    return emitOpError("(C1) expected a gemma.weight named ")
           << getWeightAttr();
  }
  auto declared = llvm::cast<RankedTensorType>(weight.getType());
  EncodingAttr encoding = weight.getEncodingAttr();
  Type wanted = declared;
  if (encoding) {
    wanted = PackedType::get(getContext(), declared.getShape(), encoding);
  }
  if (getResult().getType() != wanted) {
    return emitOpError("(C2) expected ") << wanted << " for " << getWeightAttr()
                                         << ", found " << getResult().getType();
  }
  return success();
}
