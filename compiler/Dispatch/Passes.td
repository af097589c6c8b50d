//===- Passes.td - Passes of phase dispatch -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_DISPATCH_PASSES
#define GEMMA_COMPILER_DISPATCH_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Transformations
//===----------------------------------------------------------------------===//

def OutlineKernels : Pass<"gemma-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "one function per distinct kernel, one dispatch per op";
  let description = [{
    Ops that differ only in the buffers and weights that they are given share
    a kernel. What remains of @forward is the list of steps.

    ```
    gemma.softcap(%x) into(%y) rows(%m) {cap = 30.0} : (…) -> ()
      ==>
    module @kernels {
      func.func @softcap_0(%x: memref<…>, %y: memref<…>, %rows: index,
                           %begin: index, %end: index) {
        gemma.softcap(%x) into(%y) rows(%rows) {cap = 30.0} : (…) -> ()
        return
      }
    }
    gemma.dispatch @kernels::@softcap_0(%x, %y) rows(%m) {tiles = …, …} : …
    ```
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyDispatch : Pass<"gemma-verify-dispatch", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase dispatch";
  let description = [{
    Read-only. @forward holds constants, views of the arena, references to
    weights and caches, and dispatches. A kernel holds one gemma op, or one
    elementwise linalg.generic, and no kernel is unused.
  }];
}

#endif // GEMMA_COMPILER_DISPATCH_PASSES
