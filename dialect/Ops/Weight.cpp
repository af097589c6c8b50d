//===- Weight.cpp - A weight, by name and provenance ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaOps.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult WeightOp::verify() {
  auto type = llvm::cast<RankedTensorType>(getType());
  Type element = type.getElementType();
  if (!element.isF32() && !element.isBF16() && !element.isF16()) {
    return emitOpError("(C1) expected an f32, bf16 or f16 element, found ")
           << element;
  }
  if (type.getRank() == 0 ||
      llvm::any_of(type.getShape(), [](int64_t size) { return size <= 0; })) {
    return emitOpError("(C1) expected one or more positive dimensions, found ")
           << type;
  }
  Attribute source = getSourceAttr();
  if (auto table = llvm::dyn_cast_or_null<RopeTableSourceAttr>(source)) {
    if (type.getShape() != llvm::ArrayRef<int64_t>(table.getShape())) {
      return emitOpError("(C2) expected the rope table's shape ")
             << RankedTensorType::get(table.getShape(), element) << ", found "
             << type;
    }
  } else if (source && !llvm::isa<TensorSourceAttr, RandomSourceAttr>(source)) {
    return emitOpError("(C4) expected a tensor, random or rope_table source, "
                       "found ")
           << source;
  }
  if (EncodingAttr encoding = getEncodingAttr();
      encoding && encoding.getPanel() != 0 && type.getRank() != 2) {
    return emitOpError("(C3) expected a matrix for an encoding with panels, "
                       "found ")
           << type;
  }
  return success();
}
