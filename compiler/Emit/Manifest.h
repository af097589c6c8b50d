//===- Manifest.h - The manifest of a compiled module -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_MANIFEST_H
#define GEMMA_COMPILER_EMIT_MANIFEST_H

#include "dialect/GemmaOps.h"
#include "runtime/artifact/artifact_generated.h"
#include "runtime/core/Result.h"

#include <vector>

namespace mlir::gemma {

/// What an artifact says of a module, and what it takes from it.
struct Program {
  /// Complete but for the places and hashes of segments and weights.
  ::gemma::artifact::ManifestT manifest;
  /// The op of each weight of the manifest, in its order.
  std::vector<WeightOp> weights;
};

/// Reads the program out of a module in the form that phase dispatch leaves
/// `@forward` in: each buffer of a dispatch is a view of the arena at a
/// constant offset, an argument of `@forward`, a weight or a KV cache. Weights
/// and caches that no dispatch uses are left out. Nothing in the manifest
/// depends on where the checkpoint lies. Errors: InvalidData, naming the
/// dispatch and its operand.
::gemma::Result<Program> buildProgram(ModuleOp module);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_MANIFEST_H
