//===- StoredKinds.cpp - Encodings that hold a tensor's values ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/StoredKinds.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::gemma;

/// The smallest encoding that holds the values of a tensor of a file.
static EncodingKind getSmallest(WeightOp matrix, TensorSourceAttr source) {
  Type element = cast<RankedTensorType>(matrix.getType()).getElementType();
  EncodingKind plain = element.isF16()    ? EncodingKind::F16
                       : element.isBF16() ? EncodingKind::BF16
                                          : EncodingKind::F32;
  return llvm::StringSwitch<EncodingKind>(source.getFormat())
      .Case("Q4_0", EncodingKind::Q4_0)
      .Cases({"Q8_0", "Q5_0"}, EncodingKind::Q8_0)
      .Default(plain);
}

/// Whether f32 values of a tensor are those of a quantised type.
static bool isQuantized(TensorSourceAttr source) {
  return source.getFormat().starts_with("Q");
}

EncodingKind mlir::gemma::getStoredKind(WeightOp matrix) {
  auto source = dyn_cast_or_null<TensorSourceAttr>(matrix.getSourceAttr());
  if (!source) {
    return EncodingKind::F32;
  }
  EncodingKind smallest = getSmallest(matrix, source);
  return smallest == EncodingKind::F32 && isQuantized(source)
             ? EncodingKind::Q8_0
             : smallest;
}

EncodingKind mlir::gemma::joinKinds(EncodingKind a, EncodingKind b) {
  if (a == b) {
    return a;
  }
  auto isQ4OrQ8 = [](EncodingKind kind) {
    return kind == EncodingKind::Q4_0 || kind == EncodingKind::Q8_0;
  };
  return isQ4OrQ8(a) && isQ4OrQ8(b) ? EncodingKind::Q8_0 : EncodingKind::F32;
}

bool mlir::gemma::holdsTensor(EncodingKind kind, WeightOp matrix) {
  auto source = dyn_cast_or_null<TensorSourceAttr>(matrix.getSourceAttr());
  return !source || joinKinds(kind, getSmallest(matrix, source)) == kind;
}
