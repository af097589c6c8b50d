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

/// The type of the rows that `op` gives: those of its result or out buffer
/// `number`.
ShapedType getGivenRows(Operation *op, unsigned number = 0);

/// Number of results or out buffers.
unsigned getNumGivenRows(Operation *op);

/// Columns of a 2-D type of rows.
int64_t getColumns(Type rows);

/// Checks that `x` (called `name`) and the rows given have one shape.
/// Emits `label` and both types if not.
LogicalResult verifySameRows(Operation *op, llvm::StringRef label,
                             llvm::StringRef name, Type x);

/// Checks that `weight` (called `name`) is a matrix [rows, columns].
LogicalResult verifyMatrix(Operation *op, llvm::StringRef label,
                           llvm::StringRef name, Type weight, int64_t rows,
                           int64_t columns);

/// Checks that `weight` is a vector.
LogicalResult verifyVector(Operation *op, llvm::StringRef label,
                           llvm::StringRef name, Type weight, int64_t elements);

/// Checks that `rows` are f32 rows of `columns` columns.
LogicalResult verifyF32Rows(Operation *op, llvm::StringRef label,
                            llvm::StringRef name, Type rows, int64_t columns);

/// Checks that `rows` are what gemma.pack_rows makes of `columns` columns.
LogicalResult verifyPackedRows(Operation *op, llvm::StringRef label,
                               llvm::StringRef name, Type rows,
                               EncodingKind kind, int64_t columns);

/// Checks that `rows` fit a matrix: its number of columns, or their packed form
/// for a quantised encoding.
LogicalResult verifyMatmulRows(Operation *op, llvm::StringRef label,
                               llvm::StringRef name, Type rows, Type weight);

/// Checks a rotation of all pairs of heads of `headDim`: base, position scale
/// and, if given, table.
LogicalResult verifyRotation(Operation *op, llvm::StringRef label,
                             const llvm::APFloat &base,
                             const llvm::APFloat &positionScale, Value table,
                             int64_t headDim);

/// Checks a norm of heads of `headDim`, called `name`: its weight, if given,
/// and its epsilon (null if there is no norm).
LogicalResult verifyHeadNorm(Operation *op, llvm::StringRef label,
                             llvm::StringRef name, Value weight,
                             FloatAttr epsilon, int64_t headDim);

/// Builds the norm of heads of `headDim` that `epsilon` stands for; gives the
/// rows as they are if it is null.
Value normHeads(OpBuilder &builder, Location loc, Value rows, Value weight,
                FloatAttr epsilon, BoolAttr unitOffset, int64_t headDim);

/// Checks what attention's ops have in common: the queries' columns
/// (`columnsLabel`), q_scale, softcap and window (`label`).
LogicalResult verifyAttention(Operation *op, llvm::StringRef columnsLabel,
                              llvm::StringRef scaleLabel,
                              llvm::StringRef windowLabel, int64_t columns,
                              KvCacheType cache, FloatAttr qScale,
                              FloatAttr softcap, int64_t window);

/// Checks that an op of attention combines only if it has partials, and has
/// them only in the buffer form.
LogicalResult verifyPartials(Operation *op, llvm::StringRef label,
                             Value partials, bool combine);

/// The effect on partials: they are written, but for the op that combines.
void addPartialsEffect(MutableOperandRange partials, bool combine,
                       EffectList &effects);

/// A finite number above 0.
bool isPositive(const llvm::APFloat &value);

/// Whether two weights have one element type, or one encoding.
bool haveSameForm(Type a, Type b);

/// Checks what the norm_* ops have in common, by the labels C1 to C4 of
/// gemma.norm_linear. `weight` is one of the matrices.
LogicalResult verifyNorm(Operation *op, Value x, Value normWeight, Value packed,
                         Value weight, const llvm::APFloat &epsilon);

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
