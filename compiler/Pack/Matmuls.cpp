//===- Matmuls.cpp - Rows and weights of the ops that multiply ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Matmuls.h"

using namespace mlir;
using namespace mlir::gemma;

OpOperand *mlir::gemma::getPlainRows(Operation *op) {
  return llvm::TypeSwitch<Operation *, OpOperand *>(op)
      .Case<LinearOp, LinearResidualOp>(
          [](auto matmul) { return &matmul.getXMutable(); })
      .Default([](Operation *) { return nullptr; });
}

Value mlir::gemma::getMatrix(Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<LinearOp, LinearResidualOp, LmHeadOp>(
          [](auto matmul) { return matmul.getWeight(); })
      .Case([](NormLinearOp norm) { return norm.getWeights().front(); })
      .Case([](NormQkvOp norm) { return norm.getWq(); })
      .Case([](NormGegluOp norm) { return norm.getGate(); })
      .Default([](Operation *) { return Value(); });
}

std::optional<EncodingKind> mlir::gemma::getMatrixKind(Operation *op) {
  Value matrix = getMatrix(op);
  auto type = matrix ? dyn_cast<PackedType>(matrix.getType()) : PackedType();
  if (!type) {
    return std::nullopt;
  }
  return type.getEncoding().getKind();
}
