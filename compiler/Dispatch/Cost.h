//===- Cost.h - Bytes and operations that a step must do -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_DISPATCH_COST_H
#define GEMMA_COMPILER_DISPATCH_COST_H

#include "mlir/IR/Operation.h"

namespace mlir::gemma {

/// What a step must move and compute, from the model's dimensions and the
/// encodings, not from what a kernel happens to do. A multiply-add counts as
/// two operations; so does an addition with its conversion or a comparison.
struct Cost {
  int64_t fixedBytes = 0;
  int64_t rowBytes = 0;
  int64_t rowOperations = 0;
  /// Per key that a row sees, summed over the rows.
  int64_t keyBytes = 0;
  int64_t keyOperations = 0;
};

/// The cost of a decoder op in its buffer form or an elementwise
/// linalg.generic.
Cost getCost(Operation *op);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_DISPATCH_COST_H
