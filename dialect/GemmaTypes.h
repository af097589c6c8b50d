//===- GemmaTypes.h - Packed weights and KV caches as types -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_GEMMATYPES_H
#define GEMMA_DIALECT_GEMMATYPES_H

#include "dialect/GemmaAttrs.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Types.h"

#define GET_TYPEDEF_CLASSES
#include "dialect/GemmaTypes.h.inc"

namespace mlir::gemma {

/// The logical shape of a weight's value, whether it is a tensor (before phase
/// pack) or packed.
llvm::ArrayRef<int64_t> getWeightShape(Type type);

} // namespace mlir::gemma

#endif // GEMMA_DIALECT_GEMMATYPES_H
