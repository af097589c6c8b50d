//===- RowOps.h - What the verifiers of decoder ops share -------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_OPS_ROWOPS_H
#define GEMMA_DIALECT_OPS_ROWOPS_H

#include "dialect/GemmaOps.h"

namespace mlir::gemma {

using EffectList =
    llvm::SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

/// The type of the rows that `op` gives: its result's or its out buffer's.
ShapedType getGivenRows(Operation *op);

/// Columns of a 2-D type of rows.
int64_t getColumns(Type rows);

/// Checks that `x` (called `name`) and the rows given have one shape.
/// Emits `label` and both types if not.
LogicalResult verifySameRows(Operation *op, llvm::StringRef label,
                             llvm::StringRef name, Type x);

/// The effects of the buffer form: memref operands are read, `out` is
/// written. The tensor form has none.
void addBufferEffects(Operation *op, EffectList &effects);

/// An effect on a KV cache, in either form.
template <typename Effect>
void addCacheEffect(OpOperand &cache, EffectList &effects) {
  effects.emplace_back(Effect::get(), &cache, KvCacheResource::get());
}

} // namespace mlir::gemma

#endif // GEMMA_DIALECT_OPS_ROWOPS_H
