//===- PackRows.cpp - gemma.pack_rows -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Ops/RowOps.h"
#include "dialect/PackedRows.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult PackRowsOp::verify() {
  int64_t columns = getColumns(getX().getType());
  if (failed(verifyF32Rows(*this, "C1", "x", getX().getType(), columns))) {
    return failure();
  }
  if (getWeight() && failed(verifyVector(*this, "C2", "the weight",
                                         getWeight().getType(), columns))) {
    return failure();
  }
  return verifyPackedRows(*this, "C3", "the result", getGivenRows(*this),
                          getKind(), columns);
}

void PackRowsOp::getEffects(EffectList &effects) {
  addBufferEffects(*this, effects);
}
