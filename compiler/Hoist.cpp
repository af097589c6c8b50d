//===- Hoist.cpp - Values made earlier in their block ---------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Hoist.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

/// Whether `value` is made in front of `point`. Both are in one block, or the
/// value is a block's argument.
static bool isThere(Value value, Operation *point) {
  Operation *op = value.getDefiningOp();
  return !op || (op->getBlock() == point->getBlock() && op != point &&
                 op->isBeforeInBlock(point));
}

bool mlir::gemma::canHoist(Value value, Operation *point) {
  if (isThere(value, point)) {
    return true;
  }
  Operation *op = value.getDefiningOp();
  return op != point && op->getBlock() == point->getBlock() &&
         op->getNumOperands() == 0 && isPure(op);
}

void mlir::gemma::hoist(Value value, Operation *point) {
  if (!isThere(value, point)) {
    value.getDefiningOp()->moveBefore(point);
  }
}
