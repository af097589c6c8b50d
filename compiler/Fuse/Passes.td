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

// A fusion fires where the values between its ops have no other use; where one
// has, they must be stored anyway, and the other ops stay as they are. All of
// them do nothing where gemma.options has one of their words in no_fuse. In
// the examples, `…` stands for attributes and types that do not change.

//===----------------------------------------------------------------------===//
// Fusions
//===----------------------------------------------------------------------===//

def FuseLinearResidual : Pass<"gemma-fuse-linear-residual", "::mlir::ModuleOp"> {
  let summary = "add to the residual stream where the matmul ends";
  let description = [{
    `--no-fuse=linear-residual` switches it off.

    ```
    %y = gemma.linear(%x, %w) : …
    %z = arith.addf %r, %y : tensor<?x64xf32>
      ==>
    %z = gemma.linear_residual(%x, %w) residual(%r) : …
    ```

    The operands of the addition may stand in either order. It does not fire on
    other elements than f32, or on an addition with fast-math flags.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def FuseLmHead : Pass<"gemma-fuse-lm-head", "::mlir::ModuleOp"> {
  let summary = "norm and head for the rows asked for";
  let description = [{
    `--no-fuse=lm-head` switches it off.

    ```
    %s = gemma.select_rows(%x, %rows) : …
    %y = gemma.rms_norm(%s, %n) {epsilon = …, unit_offset = true} : …
    %l = gemma.linear(%y, %w) : …
    %c = gemma.softcap(%l) {cap = 30.0} : …
      ==>
    %c = gemma.lm_head x(%x) norm(%n) of(%rows) weight(%w)
        {epsilon = …, unit_offset = true, cap = 30.0} : …
    ```

    The softcap may be missing. It does not fire on a norm over parts of a row.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def FuseNormGeglu : Pass<"gemma-fuse-norm-geglu", "::mlir::ModuleOp"> {
  let summary = "the feed-forward block up to its hidden values";
  let description = [{
    `--no-fuse=norm-geglu` switches it off; then gemma-fuse-norm-linear, which
    runs after this pass, takes the norm and its two matmuls.

    ```
    %y = gemma.rms_norm(%x, %n) {epsilon = …, unit_offset = true} : …
    %g = gemma.linear(%y, %wg) : …
    %u = gemma.linear(%y, %wu) : …
    %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : …
      ==>
    %h = gemma.norm_geglu x(%x) norm(%n) gate(%wg) up(%wu)
        {epsilon = …, unit_offset = true, gelu = #gemma.gelu<tanh>} : …
    ```

    It does not fire where the two weights differ in type, or the norm is over
    parts of a row.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def FuseNormLinear : Pass<"gemma-fuse-norm-linear", "::mlir::ModuleOp"> {
  let summary = "one norm and all matmuls that read it";
  let description = [{
    `--no-fuse=norm-linear` switches it off.

    ```
    %y = gemma.rms_norm(%x, %n) {epsilon = …, unit_offset = true} : …
    %a = gemma.linear(%y, %wa) : …
    %b = gemma.linear(%y, %wb) : …
      ==>
    %a, %b = gemma.norm_linear x(%x) norm(%n) weights(%wa, %wb)
        {epsilon = …, unit_offset = true} : …
    ```

    It does not fire where something else reads the norm, where the weights
    differ in their element, or where the norm is over parts of a row.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def FuseNormQkv : Pass<"gemma-fuse-norm-qkv", "::mlir::ModuleOp"> {
  let summary = "one norm, q, k and v; k rotated, k and v into the cache";
  let description = [{
    It has no word of its own: `--no-fuse=norm-linear` and
    `--no-fuse=rope-attention` switch it off.

    ```
    %y = gemma.rms_norm(%x, %n) {epsilon = …, unit_offset = true} : …
    %q = gemma.linear(%y, %wq) : …
    %k = gemma.linear(%y, %wk) : …
    %v = gemma.linear(%y, %wv) : …
    %kr = gemma.rope(%k, %positions)
        {head_dim = 256, rotated = 256, base = …, position_scale = …} : …
    gemma.cache_write(%kr, %v, %cache, %positions, %slots) : …
      ==>
    %q = gemma.norm_qkv x(%x) norm(%n) weights(%wq, %wk, %wv) cache(%cache)
        at(%positions, %slots) {epsilon = …, unit_offset = true, base = …,
        position_scale = …} : …
    ```

    A norm of the heads of k before its rope, which nothing else reads, becomes
    `k_norm(%w)` with `k_epsilon` and `k_unit_offset`.

    It does not fire where

    * not all pairs are rotated, head_dim is not that of the cache or not a
      multiple of 32: code looks for both halves of a pair in one item;
    * rope and cache_write have different positions;
    * the cache holds i8: its scales span a whole head, an item does not;
    * something else reads the norm, k or v, or the weights differ in their
      element;
    * something reads q before the cache is written. A rope of q would:
      gemma-fuse-rope-attention runs before this pass.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def FuseNormResidual : Pass<"gemma-fuse-norm-residual", "::mlir::ModuleOp"> {
  let summary = "a post norm and the add to the residual stream";
  let description = [{
    `--no-fuse=norm-residual` switches it off.

    ```
    %y = gemma.rms_norm(%x, %w) {epsilon = …, unit_offset = true} : …
    %z = arith.addf %r, %y : tensor<?x64xf32>
      ==>
    %z = gemma.norm_residual(%x, %w) residual(%r)
        {epsilon = …, unit_offset = true} : …
    ```

    The operands of the addition may stand in either order. It does not fire on
    a norm over parts of a row, on other elements than f32, or on an addition
    with fast-math flags.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def FuseRopeAttention : Pass<"gemma-fuse-rope-attention", "::mlir::ModuleOp"> {
  let summary = "rotate the queries where they are read";
  let description = [{
    `--no-fuse=rope-attention` switches it off.

    ```
    %r = gemma.rope(%q, %positions)
        {head_dim = 256, rotated = 256, base = …, position_scale = …} : …
    %o = gemma.attention(%r, %cache, %positions, %slots)
        {q_scale = …, window = 0} : …
      ==>
    %o = gemma.rope_attention(%q, %cache, %positions, %slots)
        {q_scale = …, window = 0, base = …, position_scale = …} : …
    ```

    A norm of the heads of q before its rope, which nothing else reads, becomes
    `q_norm(%w)` with `q_epsilon` and `q_unit_offset`.

    It does not fire where not all pairs are rotated, head_dim is not that of
    the cache or not a multiple of 32, or the positions of the two differ.
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

//===----------------------------------------------------------------------===//
// The way back
//===----------------------------------------------------------------------===//

def DecomposeFused : Pass<"gemma-decompose-fused", "::mlir::ModuleOp"> {
  let summary = "fused ops back into input ops";
  let description = [{
    What every fused op says of itself, written out: for tests, and for passes
    that know input ops only. It takes the output of phase fuse, not that of
    later ones, and gives what `--no-fuse=all` gives.

    ```
    %z = gemma.linear_residual(%x, %w) residual(%r) : …
      ==>
    %y = gemma.linear(%x, %w) : …
    %z = arith.addf %r, %y : tensor<?x64xf32>
    ```
  }];
  let dependentDialects = ["::mlir::gemma::GemmaDialect",
                           "::mlir::arith::ArithDialect"];
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyFuse : Pass<"gemma-verify-fuse", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase fuse";
  let description = [{
    Read-only. The entry `@forward` holds gemma ops on tensors and elementwise
    arith and math ops, in one block, and nothing else; weights have no encoding
    and rows are not packed yet. Nothing is left that an enabled fusion takes.
  }];
}

#endif // GEMMA_COMPILER_FUSE_PASSES
