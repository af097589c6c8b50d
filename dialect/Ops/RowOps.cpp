//===- RowOps.cpp - What the verifiers of decoder ops share ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"
#include "dialect/PackedRows.h"
#include "llvm/ADT/SmallString.h"

using namespace mlir;
using namespace mlir::gemma;

ShapedType mlir::gemma::getGivenRows(Operation *op, unsigned number) {
  if (op->getNumResults() != 0) {
    return llvm::cast<ShapedType>(op->getResult(number).getType());
  }
  Value out = llvm::cast<DecoderOpInterface>(op).getOuts()[number];
  return llvm::cast<ShapedType>(out.getType());
}

unsigned mlir::gemma::getNumGivenRows(Operation *op) {
  return op->getNumResults() != 0
             ? op->getNumResults()
             : llvm::cast<DecoderOpInterface>(op).getOuts().size();
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
  // An op may work in place, so that a buffer written is an input as well:
  // the written operands are the last ones.
  OperandRange outs = llvm::cast<DecoderOpInterface>(op).getOuts();
  unsigned end = outs.empty() ? 0 : outs.getBeginOperandIndex() + outs.size();
  for (OpOperand &operand : op->getOpOperands()) {
    if (!llvm::isa<MemRefType>(operand.get().getType())) {
      continue;
    }
    unsigned number = operand.getOperandNumber();
    if (!outs.empty() && number >= outs.getBeginOperandIndex() &&
        number < end) {
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
    } else {
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
    }
  }
}

LogicalResult mlir::gemma::verifyMatrix(Operation *op, llvm::StringRef label,
                                        llvm::StringRef name, Type weight,
                                        int64_t rows, int64_t columns) {
  llvm::ArrayRef<int64_t> shape = getWeightShape(weight);
  if (shape.size() == 2 && shape[0] == rows && shape[1] == columns) {
    return success();
  }
  return op->emitOpError() << "(" << label << ") expected a " << rows << "x"
                           << columns << " matrix for " << name << ", found "
                           << weight;
}

LogicalResult mlir::gemma::verifyVector(Operation *op, llvm::StringRef label,
                                        llvm::StringRef name, Type weight,
                                        int64_t elements) {
  llvm::ArrayRef<int64_t> shape = getWeightShape(weight);
  if (shape.size() == 1 && shape[0] == elements) {
    return success();
  }
  return op->emitOpError() << "(" << label << ") expected a vector of "
                           << elements << " elements for " << name << ", found "
                           << weight;
}

LogicalResult mlir::gemma::verifyF32Rows(Operation *op, llvm::StringRef label,
                                         llvm::StringRef name, Type rows,
                                         int64_t columns) {
  if (getElementTypeOrSelf(rows).isF32() && getColumns(rows) == columns) {
    return success();
  }
  return op->emitOpError() << "(" << label << ") expected f32 rows of "
                           << columns << " columns for " << name << ", found "
                           << rows;
}

LogicalResult mlir::gemma::verifyPackedRows(Operation *op,
                                            llvm::StringRef label,
                                            llvm::StringRef name, Type rows,
                                            EncodingKind kind,
                                            int64_t columns) {
  ShapedType expected =
      getPackedRowsType(llvm::cast<ShapedType>(rows), kind, columns);
  if (rows == expected) {
    return success();
  }
  return op->emitOpError() << "(" << label << ") expected " << expected
                           << " for " << name << ", found " << rows;
}

LogicalResult mlir::gemma::verifyNorm(Operation *op, Value x, Value normWeight,
                                      Value packed, Value weight,
                                      const llvm::APFloat &epsilon) {
  llvm::ArrayRef<int64_t> shape = getWeightShape(weight.getType());
  if (shape.size() != 2) {
    return op->emitOpError("(C1) expected matrices for the weights, found ")
           << weight.getType();
  }
  if (failed(verifyF32Rows(op, "C2", "x", x.getType(), shape[1]))) {
    return failure();
  }
  if (normWeight && packed) {
    return op->emitOpError("(C3) expected the norm's weight or packed rows, "
                           "found both");
  }
  if (normWeight && failed(verifyVector(op, "C3", "the norm's weight",
                                        normWeight.getType(), shape[1]))) {
    return failure();
  }
  if (packed) {
    auto type = llvm::dyn_cast<PackedType>(weight.getType());
    if (!type) {
      return op->emitOpError("(C3) expected packed weights with packed rows, "
                             "found ")
             << weight.getType();
    }
    if (failed(verifyPackedRows(op, "C3", "the packed rows", packed.getType(),
                                type.getEncoding().getKind(), shape[1]))) {
      return failure();
    }
  }
  if (epsilon.isNegative() || !epsilon.isFinite()) {
    llvm::SmallString<16> text;
    epsilon.toString(text);
    return op->emitOpError("(C4) expected an epsilon of 0 or more, found ")
           << text;
  }
  return success();
}

LogicalResult mlir::gemma::verifyMatmulRows(Operation *op,
                                            llvm::StringRef label,
                                            llvm::StringRef name, Type rows,
                                            Type weight) {
  int64_t depth = getWeightShape(weight)[1];
  auto packed = llvm::dyn_cast<PackedType>(weight);
  bool isBytes = getElementTypeOrSelf(rows).isInteger(8);
  if (isBytes && packed && packed.getEncoding().isQuantized()) {
    return verifyPackedRows(op, label, name, rows,
                            packed.getEncoding().getKind(), depth);
  }
  if (!isBytes && getColumns(rows) == depth) {
    return success();
  }
  return op->emitOpError() << "(" << label << ") expected " << depth
                           << " columns of " << name
                           << " for the weight, found " << rows;
}

bool mlir::gemma::isPositive(const llvm::APFloat &value) {
  return value.isFinite() && !value.isNegative() && !value.isZero();
}

bool mlir::gemma::haveSameForm(Type a, Type b) {
  auto packedA = llvm::dyn_cast<PackedType>(a);
  auto packedB = llvm::dyn_cast<PackedType>(b);
  if (packedA && packedB) {
    return packedA.getEncoding() == packedB.getEncoding();
  }
  return !packedA && !packedB &&
         getElementTypeOrSelf(a) == getElementTypeOrSelf(b);
}

LogicalResult mlir::gemma::verifyRotation(Operation *op, llvm::StringRef label,
                                          const llvm::APFloat &base,
                                          const llvm::APFloat &positionScale,
                                          Value table, int64_t headDim) {
  if (!isPositive(base) || !isPositive(positionScale)) {
    return op->emitOpError()
           << "(" << label << ") expected a positive base and position_scale";
  }
  if (!table) {
    return success();
  }
  llvm::ArrayRef<int64_t> shape = getWeightShape(table.getType());
  if (shape.size() != 3 || shape[0] <= RopeTableSourceAttr::kStride ||
      shape[1] != 2 || shape[2] != headDim / 2) {
    return op->emitOpError() << "(" << label << ") expected a table [more than "
                             << RopeTableSourceAttr::kStride << ", 2, "
                             << headDim / 2 << "], found " << table.getType();
  }
  return success();
}

LogicalResult mlir::gemma::verifyHeadNorm(Operation *op, llvm::StringRef label,
                                          llvm::StringRef name, Value weight,
                                          FloatAttr epsilon, int64_t headDim) {
  if (weight && !epsilon) {
    return op->emitOpError()
           << "(" << label << ") expected an epsilon with " << name;
  }
  if (weight &&
      failed(verifyVector(op, label, name, weight.getType(), headDim))) {
    return failure();
  }
  if (epsilon &&
      (epsilon.getValue().isNegative() || !epsilon.getValue().isFinite())) {
    return op->emitOpError()
           << "(" << label << ") expected an epsilon of 0 or more for " << name
           << ", found " << epsilon;
  }
  return success();
}

Value mlir::gemma::normHeads(OpBuilder &builder, Location loc, Value rows,
                             Value weight, FloatAttr epsilon,
                             BoolAttr unitOffset, int64_t headDim) {
  if (!epsilon) {
    return rows;
  }
  return RmsNormOp::create(builder, loc, rows.getType(), rows, weight, Value(),
                           Value(), epsilon, unitOffset,
                           builder.getI64IntegerAttr(headDim))
      .getResult();
}

LogicalResult mlir::gemma::verifyPartials(Operation *op, llvm::StringRef label,
                                          Value partials, bool combine) {
  if (combine && !partials) {
    return op->emitOpError("(") << label << ") expected partials to combine";
  }
  if (partials && op->getNumResults() != 0) {
    return op->emitOpError("(")
           << label << ") expected partials in the buffer form only";
  }
  return success();
}

void mlir::gemma::addPartialsEffect(MutableOperandRange partials, bool combine,
                                    EffectList &effects) {
  if (!partials.empty() && !combine) {
    effects.emplace_back(MemoryEffects::Write::get(), &partials[0]);
  }
}

LogicalResult mlir::gemma::verifyAttention(
    Operation *op, llvm::StringRef columnsLabel, llvm::StringRef scaleLabel,
    llvm::StringRef windowLabel, int64_t columns, KvCacheType cache,
    FloatAttr qScale, FloatAttr softcap, int64_t window) {
  int64_t kvColumns = cache.getHeads() * cache.getHeadDim();
  if (columns <= 0 || columns % kvColumns != 0) {
    return op->emitOpError()
           << "(" << columnsLabel << ") expected a multiple of " << kvColumns
           << " columns for q, found " << columns;
  }
  if (!isPositive(qScale.getValue())) {
    return op->emitOpError()
           << "(" << scaleLabel << ") expected a positive q_scale, found "
           << qScale;
  }
  if (softcap && !isPositive(softcap.getValue())) {
    return op->emitOpError()
           << "(" << scaleLabel << ") expected a positive softcap, found "
           << softcap;
  }
  // A cache without a window keeps the whole context, so any window fits it.
  if (window < 0) {
    return op->emitOpError()
           << "(" << windowLabel << ") expected a window of 0 or more, found "
           << window;
  }
  if (cache.getWindow() != 0 && (window == 0 || window > cache.getWindow())) {
    return op->emitOpError()
           << "(" << windowLabel << ") expected a window from 1 to the cache's "
           << cache.getWindow() << ", found " << window;
  }
  return success();
}
