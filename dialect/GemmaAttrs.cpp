//===- GemmaAttrs.cpp - Encodings and weight sources ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaAttrs.h"
#include "dialect/PackedRows.h"

#include "dialect/GemmaDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gemma;

#include "dialect/GemmaEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/GemmaAttrs.cpp.inc"

void GemmaDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/GemmaAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// EncodingAttr
//===----------------------------------------------------------------------===//

LogicalResult
EncodingAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                     EncodingKind kind, int64_t panel) {
  if (panel < 0) {
    return emitError() << "encoding: expected a panel of 0 or more columns, "
                          "found "
                       << panel;
  }
  if (kind != EncodingKind::F32 && panel == 0) {
    return emitError() << "encoding: expected f32 for panel = 0, found "
                       << stringifyEncodingKind(kind);
  }
  if (mlir::gemma::isQuantized(kind) && panel != 16) {
    return emitError() << "encoding: expected panel = 16 for "
                       << stringifyEncodingKind(kind) << ", found " << panel;
  }
  return success();
}

bool EncodingAttr::isQuantized() const {
  return mlir::gemma::isQuantized(getKind());
}

int64_t EncodingAttr::getPackedBytes(llvm::ArrayRef<int64_t> shape) const {
  if (getPanel() == 0) {
    int64_t elements = 1;
    for (int64_t dim : shape) {
      elements *= dim;
    }
    return elements * static_cast<int64_t>(sizeof(float));
  }
  assert(shape.size() == 2 && "panels are for matrices only");
  int64_t rows = llvm::alignTo(shape[0], getPanel());
  switch (getKind()) {
  case EncodingKind::F32:
    return rows * shape[1] * 4;
  case EncodingKind::F16:
    return rows * shape[1] * 2;
  case EncodingKind::BF16:
    return rows * llvm::alignTo(shape[1], 2) * 2;
  case EncodingKind::Q8_0:
    return rows * llvm::divideCeil(shape[1], kSuperblock) * (64 + 4);
  case EncodingKind::Q4_0:
    return rows * llvm::divideCeil(shape[1], kSuperblock) * (32 + 4);
  }
  llvm_unreachable("unknown encoding");
}

FloatType EncodingAttr::getElementType() const {
  switch (getKind()) {
  case EncodingKind::BF16:
    return BFloat16Type::get(getContext());
  case EncodingKind::F16:
    return Float16Type::get(getContext());
  default:
    return Float32Type::get(getContext());
  }
}

//===----------------------------------------------------------------------===//
// Weight sources
//===----------------------------------------------------------------------===//

LogicalResult
RandomSourceAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                         int64_t seed, FloatAttr bound) {
  if (!bound.getType().isF64() || !bound.getValue().isFinite() ||
      bound.getValue().isNegative()) {
    return emitError() << "random: expected a finite f64 bound of 0 or more, "
                          "found "
                       << bound;
  }
  return success();
}

static bool isPositiveF64(FloatAttr attr) {
  llvm::APFloat value = attr.getValue();
  return attr.getType().isF64() && value.isFinite() && !value.isNegative() &&
         !value.isZero();
}

LogicalResult
RopeTableSourceAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                            FloatAttr base, FloatAttr positionScale,
                            int64_t headDim, int64_t rotated,
                            int64_t positions) {
  if (!isPositiveF64(base)) {
    return emitError() << "rope_table: expected a positive f64 base, found "
                       << base;
  }
  if (!isPositiveF64(positionScale)) {
    return emitError()
           << "rope_table: expected a positive f64 position_scale, found "
           << positionScale;
  }
  if (headDim <= 0 || headDim % 2 != 0) {
    return emitError()
           << "rope_table: expected a positive even head_dim, found "
           << headDim;
  }
  if (rotated <= 0 || rotated % 2 != 0 || rotated > headDim) {
    return emitError() << "rope_table: expected an even rotated from 2 to "
                       << headDim << ", found " << rotated;
  }
  if (positions <= 0) {
    return emitError() << "rope_table: expected a positive number of "
                          "positions, found "
                       << positions;
  }
  return success();
}

llvm::SmallVector<int64_t, 3> RopeTableSourceAttr::getShape() const {
  int64_t coarse = llvm::divideCeil(getPositions(), kStride);
  return {coarse + kStride, 2, getRotated() / 2};
}
