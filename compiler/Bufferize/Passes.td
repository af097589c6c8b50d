//===- Passes.td - Passes of phase bufferize -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_BUFFERIZE_PASSES
#define GEMMA_COMPILER_BUFFERIZE_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Transformations
//===----------------------------------------------------------------------===//

def LowerToBuffers : Pass<"gemma-lower-to-buffers", "::mlir::ModuleOp"> {
  let summary = "turn @forward from tensors into buffers of max_rows rows";
  let description = [{
    Every value gets a buffer of its own (memref.alloc), every op its buffer
    form, and the entry two counts: the rows, and the rows whose logits are
    asked for. The returned tensor becomes the argument for the logits.
    Elementwise ops become linalg.generic over the rows in use.

    ```
    func.func @forward(%tokens: tensor<?xi32>, …) -> tensor<?x256xf32>
      %y = gemma.rms_norm(%x, %n) {…} : (…) -> tensor<?x64xf32>
      ==>
    func.func @forward(%tokens: memref<512xi32>, …, %logits: memref<512x256xf32>,
                       %rows: index, %num_out: index)
      %y = memref.alloc() : memref<512x64xf32>
      gemma.rms_norm(%x, %n) into(%y) rows(%rows) {…} : (…) -> ()
    ```
  }];
  let options = [
    Option<"maxRows", "max-rows", "int64_t", "0",
           "Rows that one forward takes. 0, the default, takes them from the "
           "module's attribute gemma.options.">,
  ];
  let dependentDialects = ["::mlir::gemma::GemmaDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"];
}

def SplitAttention : Pass<"gemma-split-attention", "::mlir::ModuleOp"> {
  let summary = "give attention a second step that puts pieces together";
  let description = [{
    With few rows, long contexts keep all threads busy only if each of them
    takes some of the keys. The first op then leaves its results in pieces in a
    buffer; the second one combines them (compiler/Dispatch/AttentionPlan.h).

    ```
    gemma.attention(%q, %c, %p, %s) into(%y) rows(%rows) {…}
      ==>
    %b = memref.alloc() : memref<512x4352xf32>
    gemma.attention(%q, %c, %p, %s) partials(%b) into(%y) rows(%rows) {…}
    gemma.attention(%q, %c, %p, %s) partials(%b) into(%y) rows(%rows)
        {combine, …}
    ```
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def PlanArena : Pass<"gemma-plan-arena", "::mlir::ModuleOp"> {
  let summary = "place all buffers of @forward in one scratch arena";
  let description = [{
    A buffer lives from the first op that writes it to the last op that reads
    it; two buffers that never live together may share bytes. Largest first,
    each at the lowest free offset, a multiple of 64.

    ```
    %y = memref.alloc() : memref<512x64xf32>
      ==>
    %c = arith.constant 131072 : index
    %y = memref.view %arena[%c][] : memref<262144xi8> to memref<512x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyBufferize : Pass<"gemma-verify-bufferize", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase bufferize";
  let description = [{
    Read-only. No tensor in @forward; every buffer is an argument or a view of
    the arena at a constant, aligned offset that ends inside it; decoder ops
    are in their buffer form.
  }];
}

#endif // GEMMA_COMPILER_BUFFERIZE_PASSES
