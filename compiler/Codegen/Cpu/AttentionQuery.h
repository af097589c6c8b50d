//===- AttentionQuery.h - Queries as attention takes them -------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONQUERY_H
#define GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONQUERY_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"

#include <optional>

namespace mlir::gemma {

/// What gemma.attention and gemma.rope_attention have.
struct AttentionParts {
  KvCacheType type;
  Value q, positions, slots, out;
  /// Null without partials.
  Value partials;
  /// Arguments of the kernel's source; the table is null without a rotation.
  Value cache, table;
  double scale;
  std::optional<double> softcap;
  int64_t window;
  /// Of the norm of queries, if there is one; its weight, an argument of the
  /// source, is null if it has none.
  std::optional<double> epsilon;
  Value norm;
  bool unitOffset = false;
};

/// Loads query head `head` of a row at `position`: normed, rotated, scaled.
/// `store` gets its channels by whole vectors, and one shorter one where
/// head_dim (half of it, with a rotation) is no multiple of 16.
void loadQuery(KernelBuilder &kernel, const AttentionParts &parts,
               int64_t headDim, Value row, Value head, Value position,
               llvm::function_ref<void(Value channel, Value part)> store);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_ATTENTIONQUERY_H
