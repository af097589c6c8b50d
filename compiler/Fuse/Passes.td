//===- Passes.td - Passes of phase fuse -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_FUSE_PASSES
#define GEMMA_COMPILER_FUSE_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyFuse : Pass<"gemma-verify-fuse", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase fuse";
  let description = [{
    Read-only. The entry `@forward` holds gemma input ops on tensors and
    elementwise arith and math ops, in one block, and nothing else; weights
    have no encoding yet. No fused op exists so far, so that no pair is left
    that an enabled fusion takes.
  }];
}

#endif // GEMMA_COMPILER_FUSE_PASSES
