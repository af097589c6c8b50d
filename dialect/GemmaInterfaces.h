//===- GemmaInterfaces.h - What passes ask of decoder ops -------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_GEMMAINTERFACES_H
#define GEMMA_DIALECT_GEMMAINTERFACES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"

namespace mlir::gemma::detail {

/// Checks that an op over rows is wholly in its tensor form or wholly in its
/// buffer form: constraints F1 and F2 of DecoderOpInterface.
LogicalResult verifyForm(Operation *op);

} // namespace mlir::gemma::detail

#include "dialect/GemmaInterfaces.h.inc"

#endif // GEMMA_DIALECT_GEMMAINTERFACES_H
