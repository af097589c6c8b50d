//===- Passes.td - Passes of phase import -------------------*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_PASSES
#define GEMMA_COMPILER_IMPORT_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyImport : Pass<"gemma-verify-import", "::mlir::ModuleOp"> {
  let summary = "state what phase import gives";
  let description = [{
    Read-only. Checkpoints become IR in C++ (Import.h); no pass of this phase
    changes IR, this one states what later phases may rely on:

    * the module carries `gemma.model` and `gemma.options`; the weights asked
      for are encodings, max_rows is positive, no_fuse names fusions;
    * weights come from a tokenizer's or tensors' folder only if
      `gemma.checkpoint` names it;
    * the module holds weights, KV caches and functions; `@forward` has one
      block of gemma input ops on tensors and elementwise arith and math ops;
    * its result is as wide as the vocabulary;
    * no weight has an encoding yet.
  }];
}

#endif // GEMMA_COMPILER_IMPORT_PASSES
