//===- Passes.td - Passes of phase pack -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_PACK_PASSES
#define GEMMA_COMPILER_PACK_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Transformations
//===----------------------------------------------------------------------===//

def AddRopeTables : Pass<"gemma-add-rope-tables", "::mlir::ModuleOp"> {
  let summary = "give whatever rotates the table that angles are read from";
  let description = [{
    One weight `@rope.N` per distinct set of base, position scale, head_dim
    and rotated dimensions, for as many positions as the model's context.

    ```
    gemma.rope(%q, %positions) {base = 1.0e4, …}
      ==>
    %t = gemma.weight_ref @rope.0 : tensor<288x2x128xf32>
    gemma.rope(%q, %positions, %t) {base = 1.0e4, …}
    ```

    norm_qkv and rope_attention get theirs in the same way, for all dimensions
    of their cache's heads.
  }];
  let options = [
    Option<"positions", "positions", "int64_t", "0",
           "Positions that a table covers. 0, the default, takes the context "
           "from the module's attribute gemma.model.">,
  ];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def FoldPackRows : Pass<"gemma-fold-pack-rows", "::mlir::ModuleOp"> {
  let summary = "let the ops that make rows pack them";
  let description = [{
    * linear_residual: a second result, by the weight of the norm that reads it.

      ```
      %r = gemma.linear_residual(%x, %w) residual(%s) : …
      %p = gemma.pack_rows(%r, %n) {kind = #gemma.kind<q8_0>, …} : …
        ==>
      %r, %p = gemma.linear_residual(%x, %w) residual(%s) norm(%n)
          {kind = #gemma.kind<q8_0>, …} : …
      ```

    * norm_residual: in the same way, `pack(%n)`.

    * norm_geglu and rope_attention, where nothing else reads their rows.

      ```
      %h = gemma.norm_geglu x(%x) packed(%y) gate(%g) up(%u) {…} : …
      %p = gemma.pack_rows(%h) {kind = #gemma.kind<q8_0>} : …
        ==>
      %p = gemma.norm_geglu x(%x) packed(%y) gate(%g) up(%u)
          {kind = #gemma.kind<q8_0>, …} : …
      ```

    * rms_norm, attention and geglu for bf16 only, where nothing else reads
      their rows: they round to the element of their result.

    An op packs for one kind; where its rows are read for two (a head of another
    encoding than the layers), the second gemma.pack_rows stays. So does that of
    the embedding, those of input ops for quantised encodings, and those of
    quantised rows that are not whole superblocks of 64 columns, but for
    norm_residual, which works on whole rows.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def PackMatmulInputs : Pass<"gemma-pack-matmul-inputs", "::mlir::ModuleOp"> {
  let summary = "give every matmul rows in the form that its encoding reads";
  let description = [{
    linear and linear_residual read f32 rows where their weight is f32 or f16;
    for other encodings a gemma.pack_rows comes in front.

    ```
    %z = gemma.linear(%y, %w)
        : (tensor<?x64xf32>, !gemma.packed<64x64, #gemma.encoding<q8_0, …>>) -> …
      ==>
    %p = gemma.pack_rows(%y) {kind = #gemma.kind<q8_0>} : …
    %z = gemma.linear(%p, %w)
        : (tensor<?x80xi8>, !gemma.packed<64x64, #gemma.encoding<q8_0, …>>) -> …
    ```

    Ops with a norm get their rows multiplied by the norm's weight, whatever the
    encoding, and apply the norm's factor to their sums. lm_head too: the rows
    that it picks are packed with all others.

    ```
    %z = gemma.norm_linear x(%x) norm(%n) weights(%w)
        {epsilon = …, unit_offset = true} : …
      ==>
    %p = gemma.pack_rows(%x, %n)
        {kind = #gemma.kind<q8_0>, unit_offset = true} : …
    %z = gemma.norm_linear x(%x) packed(%p) weights(%w) {epsilon = …} : …
    ```

    Ops that read the same rows, by the same norm's weight, for the same kind of
    encoding, share one gemma.pack_rows.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def PlanEncodings : Pass<"gemma-plan-encodings", "::mlir::ModuleOp"> {
  let summary = "choose an encoding for every weight";
  let description = [{
    A matrix is cut into panels of as many columns as the target's kernels
    compute together; a vector or a table stays row-major f32, which holds every
    value of a checkpoint exactly.

    The head, the matrix that the logits are a product of, has an encoding of
    its own. An embedding that is not the head too has that of all matrices, but
    q8_0 in place of q4_0: a row of it is all of a token that enters the model,
    and to read one row costs nothing.

    `stored` in place of an encoding is the smallest one that holds each value of
    the weight's tensor bit for bit, but q8_0 for those of GGUF's types that
    only f32 would hold; weights of one op get the smallest one that holds what
    all of theirs hold.

    ```
    gemma.weight @w : tensor<64x64xbf16>
    %0 = gemma.weight_ref @w : tensor<64x64xbf16>
      ==>
    gemma.weight @w : tensor<64x64xbf16> as #gemma.encoding<bf16, panel = 16>
    %0 = gemma.weight_ref @w
        : !gemma.packed<64x64, #gemma.encoding<bf16, panel = 16>>
    ```
  }];
  let options = [
    Option<"weights", "weights", "std::string", "\"\"",
           "f32, f16, bf16, q8_0, q4_0 or stored. Empty, the default, takes the "
           "choice from the module's attribute gemma.options.">,
    Option<"headWeights", "head-weights", "std::string", "\"\"",
           "The head's. Empty takes the choice from gemma.options unless "
           "`weights` is given; where there is none it is that of `weights`, "
           "q8_0 for q4_0.">,
  ];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyPack : Pass<"gemma-verify-pack", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase pack";
  let description = [{
    Read-only. As after phase fuse, and every weight has an encoding, whatever
    rotates a table, every matmul rows of the type that its encoding reads; ops
    with a norm have packed rows.
  }];
}

#endif // GEMMA_COMPILER_PACK_PASSES
