//===- Scalars.h - Arithmetic of the interpreter ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_SCALARS_H
#define GEMMA_COMPILER_REFERENCE_SCALARS_H

#include "mlir/IR/Operation.h"

namespace mlir::gemma::reference {

/// Whether evaluateScalar knows the op.
bool isScalarOp(Operation *op);

/// The result of an elementwise arith or math op for one element, before it is
/// rounded to the result's type.
double evaluateScalar(Operation *op, llvm::ArrayRef<double> operands);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_SCALARS_H
