//===- Passes.td - Passes of phase emit --------------------*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_PASSES
#define GEMMA_COMPILER_EMIT_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyEmit : Pass<"gemma-verify-emit", "::mlir::ModuleOp"> {
  let summary = "state what an artifact can be written from";
  let description = [{
    Read-only. Every buffer of a dispatch of `@forward` can be named in the
    manifest: it is a view of the arena at a constant offset, an argument of
    `@forward`, a weight with an encoding and a source, or a KV cache.
  }];
}

#endif // GEMMA_COMPILER_EMIT_PASSES
