//===- Hoist.h - Values made earlier in their block -------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_HOIST_H
#define GEMMA_COMPILER_HOIST_H

#include "mlir/IR/Operation.h"

namespace mlir::gemma {

/// Whether `value` is there at `point`, or can be made there: what makes it
/// stands before `point` in its block, or needs no operand and has no effect,
/// as a reference to a weight.
bool canHoist(Value value, Operation *point);

/// Moves what makes `value` in front of `point`, unless it stands there. Needs
/// canHoist.
void hoist(Value value, Operation *point);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_HOIST_H
