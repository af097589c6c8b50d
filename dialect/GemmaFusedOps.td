//===- GemmaFusedOps.td - Ops that phase fuse makes -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_FUSED_OPS_TD
#define GEMMA_FUSED_OPS_TD

include "dialect/GemmaDecoderOps.td"

/// A fused op: it says which input ops it stands for.
class Gemma_FusedOp<string mnemonic, list<Trait> traits = []>
    : Gemma_DecoderOp<mnemonic, !listconcat(
        [DeclareOpInterfaceMethods<Gemma_FusedOpInterface>], traits)>;

//===----------------------------------------------------------------------===//
// Rows as a matmul reads them
//===----------------------------------------------------------------------===//

def Gemma_PackRowsOp : Gemma_DecoderOp<"pack_rows"> {
  let summary = "rows in the form that a matmul of an encoding reads";
  let description = [{
    `y[m, k] = x[m, k] * f(w[k])` with `f(w) = 1 + w` if `unit_offset`, `w` if
    not, and 1 without a weight; then, by the `kind` of the weights that the
    rows will meet:

    * `f32`, `f16`: y itself, f32.
    * `bf16`: y rounded to bf16.
    * `q8_0`, `q4_0`: for every 32 values a scale `s = max |y| / 127` and the
      integers `round(y / s)`. A row has the bytes of `PackedRowLayout`
      (dialect/PackedRows.h): with K rounded up to a multiple of 64, K int8
      values (0 beyond the row), then K/32 f32 scales, then for every group of
      32 an i32 correction from which an integer dot product with the weights'
      unsigned integers starts: minus their zero point (128 for q8_0, 8 for
      q4_0) times the sum of the row's, and what else the target's kernels
      want there (compiler/Codegen/Cpu/Matmul.h).

    A norm's factor `1 / sqrt(mean(x^2) + epsilon)` is common to the whole row;
    the ops norm_* apply it to their sums, so that rows can be packed before it
    is known.

    Constraints:
    * (C1) x is f32.
    * (C2) the weight is a vector with an element per column of x.
    * (C3) the result's element and width are those of the kind.

    Example:
    ```mlir
    %p = gemma.pack_rows(%x, %w) {kind = #gemma.kind<q4_0>, unit_offset = true}
        : (tensor<?x2048xf32>, tensor<2048xbf16>) -> tensor<?x2560xi8>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_Weight>:$weight,
    Optional<Gemma_OutRows>:$out, Optional<Index>:$rows,
    Gemma_EncodingKindAttr:$kind,
    DefaultValuedAttr<BoolAttr, "false">:$unit_offset);
  let assemblyFormat = [{
    `(` $x (`,` $weight^)? `)` (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

//===----------------------------------------------------------------------===//
// RMSNorm and the matmuls that share it
//===----------------------------------------------------------------------===//

// The norm_* ops have two forms. From phase fuse they have the norm's weight
// (none for a norm without one); phase pack replaces it by `packed`, the rows
// of gemma.pack_rows(x, weight). Then x only gives the norm's factor.

def Gemma_NormLinearOp : Gemma_FusedOp<"norm_linear"> {
  let summary = "RMSNorm and the matmuls that read it";
  let description = [{
    `out_i = linear(rms_norm(x, norm_weight), weights_i)` for every weight.

    Constraints:
    * (C1) every weight is a matrix [N_i, K], x has K columns, result i N_i.
    * (C2) x and the results are f32.
    * (C3) the norm's weight, if given, is a vector of K elements; it is not
      given together with packed rows.
    * (C4) epsilon is not negative.
    * (C5) all weights have one type but for N_i, and one encoding.

    Example:
    ```mlir
    %q, %k = gemma.norm_linear x(%x) norm(%nw) weights(%wq, %wk)
        {epsilon = 1.0e-6 : f64, unit_offset = true}
        : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>,
           tensor<16x64xf32>) -> (tensor<?x64xf32>, tensor<?x16xf32>)
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_Weight>:$norm_weight,
    Optional<Gemma_Rows>:$packed, Variadic<Gemma_Weight>:$weights,
    Variadic<Gemma_OutRows>:$outs, Optional<Index>:$rows, F64Attr:$epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$unit_offset);
  let results = (outs Variadic<Gemma_Rows>:$results);
  let assemblyFormat = [{
    `x` `(` $x `)` (`norm` `(` $norm_weight^ `)`)? (`packed` `(` $packed^ `)`)?
    `weights` `(` $weights `)` (`into` `(` $outs^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The first buffer written.
    ::mlir::Value getOut();
  }];
}

def Gemma_NormQkvOp : Gemma_FusedOp<"norm_qkv"> {
  let summary = "RMSNorm, q, k and v; k rotated, k and v into the cache";
  let description = [{
    With `y = rms_norm(x, norm_weight)`:

    ```
    out = linear(y, wq)
    cache_write(rope(linear(y, wk), positions), linear(y, wv), cache)
    ```

    With `k_epsilon`, keys are normed head by head before they are rotated:
    `rope(rms_norm(linear(y, wk), k_norm))`, over groups of head_dim, with
    `k_unit_offset` for `1 + w`. q is normed and rotated by
    gemma.rope_attention, which reads it. An item of this step takes both halves
    of a rotation pair, or a whole head of keys if they are normed.

    Constraints:
    * (C1) wq, wk and wv are matrices with K columns, as x; wk and wv have the
      cache's heads * head_dim rows, wq those of the result's columns.
    * (C2) x and the result are f32.
    * (C3) as norm_linear's C3.
    * (C4) epsilon is not negative.
    * (C5) the three weights have one element type or one encoding.
    * (C6) head_dim is a multiple of 32 and all pairs are rotated.
    * (C7) as rope's C4 and C5, with the cache's head_dim.
    * (C8) k_norm, if given, is a vector of head_dim elements, and there is a
      k_epsilon; that is not negative.

    Example:
    ```mlir
    %q = gemma.norm_qkv x(%x) norm(%nw) weights(%wq, %wk, %wv) cache(%cache)
        at(%positions, %slots) {epsilon = 1.0e-6 : f64, unit_offset = true,
        base = 1.0e4 : f64, position_scale = 1.0 : f64}
        : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>,
           tensor<32x64xf32>, tensor<32x64xf32>,
           !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>,
           tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_Weight>:$norm_weight,
    Optional<Gemma_Rows>:$packed, Gemma_Weight:$wq, Gemma_Weight:$wk,
    Gemma_Weight:$wv, Gemma_KvCacheType:$cache, Gemma_RowIndices:$positions,
    Gemma_RowIndices:$slots, Optional<Gemma_Weight>:$table,
    Optional<Gemma_Weight>:$k_norm, Optional<Gemma_OutRows>:$out,
    Optional<Index>:$rows, F64Attr:$epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$unit_offset, F64Attr:$base,
    F64Attr:$position_scale, OptionalAttr<F64Attr>:$k_epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$k_unit_offset);
  let assemblyFormat = [{
    `x` `(` $x `)` (`norm` `(` $norm_weight^ `)`)? (`packed` `(` $packed^ `)`)?
    `weights` `(` $wq `,` $wk `,` $wv `)` `cache` `(` $cache `)`
    `at` `(` $positions `,` $slots `)` (`table` `(` $table^ `)`)?
    (`k_norm` `(` $k_norm^ `)`)? (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Gemma_NormGegluOp : Gemma_FusedOp<"norm_geglu"> {
  let summary = "RMSNorm, gate and up, GeGLU";
  let description = [{
    `out = geglu(linear(y, gate), linear(y, up))`, `y = rms_norm(x,
    norm_weight)`. The two hidden values never leave registers. With `kind` the
    result is packed for weights of that kind, as gemma.pack_rows does.

    Constraints:
    * (C1) gate and up are matrices of one type, [N, K]; x has K columns.
    * (C2) x is f32; the result has N columns and is f32, or the packed form of
      N columns if `kind` is given.
    * (C3) as norm_linear's C3.
    * (C4) epsilon is not negative.

    Example:
    ```mlir
    %h = gemma.norm_geglu x(%x) norm(%nw) gate(%wg) up(%wu)
        {epsilon = 1.0e-6 : f64, unit_offset = true, gelu = #gemma.gelu<tanh>}
        : (tensor<?x64xf32>, tensor<64xf32>, tensor<256x64xf32>,
           tensor<256x64xf32>) -> tensor<?x256xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_Weight>:$norm_weight,
    Optional<Gemma_Rows>:$packed, Gemma_Weight:$gate, Gemma_Weight:$up,
    Optional<Gemma_OutRows>:$out, Optional<Index>:$rows, F64Attr:$epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$unit_offset, Gemma_GeluAttr:$gelu,
    OptionalAttr<Gemma_EncodingKindAttr>:$kind);
  let assemblyFormat = [{
    `x` `(` $x `)` (`norm` `(` $norm_weight^ `)`)? (`packed` `(` $packed^ `)`)?
    `gate` `(` $gate `)` `up` `(` $up `)` (`into` `(` $out^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
}

def Gemma_LmHeadOp : Gemma_FusedOp<"lm_head"> {
  let summary = "final norm and head, for the rows asked for";
  let description = [{
    `out[p] = softcap(linear(rms_norm(x[indices[p]], norm_weight), weight))`,
    the softcap only if `cap` is given. x (and `packed`) have the rows of the
    whole forward.

    Constraints:
    * (C1) the weight is a matrix [N, K], x has K columns, the result N.
    * (C2) x and the result are f32.
    * (C3) as norm_linear's C3.
    * (C4) epsilon is not negative, cap positive if given.

    Example:
    ```mlir
    %y = gemma.lm_head x(%x) norm(%nw) of(%out_rows) weight(%w)
        {epsilon = 1.0e-6 : f64, unit_offset = true}
        : (tensor<?x64xf32>, tensor<64xf32>, tensor<?xi32>,
           tensor<512x64xf32>) -> tensor<?x512xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_Weight>:$norm_weight,
    Optional<Gemma_Rows>:$packed, Gemma_RowIndices:$indices,
    Gemma_Weight:$weight, Optional<Gemma_OutRows>:$out, Optional<Index>:$rows,
    F64Attr:$epsilon, DefaultValuedAttr<BoolAttr, "false">:$unit_offset,
    OptionalAttr<F64Attr>:$cap);
  let assemblyFormat = [{
    `x` `(` $x `)` (`norm` `(` $norm_weight^ `)`)? (`packed` `(` $packed^ `)`)?
    `of` `(` $indices `)` `weight` `(` $weight `)` (`into` `(` $out^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The op works over the rows asked for, not over those of x.
    ::mlir::Value getRowOperand() { return getIndices(); }
    /// x and the packed rows are those of the whole forward.
    bool picksRows(unsigned operand);
  }];
}

//===----------------------------------------------------------------------===//
// Attention and what follows
//===----------------------------------------------------------------------===//

def Gemma_RopeAttentionOp : Gemma_FusedOp<"rope_attention"> {
  let summary = "rope of the queries, and attention";
  let description = [{
    `out = attention(rope(q, positions), cache)`, over the cache's head_dim, all
    pairs rotated. With `q_epsilon`, queries are normed head by head before:
    `rope(rms_norm(q, q_norm), positions)`, over groups of head_dim, with
    `q_unit_offset` for `1 + w`. With `kind` the result is packed for weights of that kind, as
    gemma.pack_rows does. `partials` and `combine` are those of gemma.attention.

    Constraints:
    * (C1) q is f32; its columns are a multiple of heads * head_dim of the cache;
      the result has as many and is f32, or their packed form if `kind` is given.
    * (C2) as attention's C3 and C4.
    * (C3) head_dim is a multiple of 32.
    * (C4) as rope's C4 and C5.
    * (C5) as attention's C5.
    * (C6) q_norm, if given, is a vector of head_dim elements, and there is a
      q_epsilon; that is not negative.

    Example:
    ```mlir
    %o = gemma.rope_attention(%q, %cache, %positions, %slots)
        {q_scale = 0.0625 : f64, window = 0 : i64, base = 1.0e4 : f64,
         position_scale = 1.0 : f64}
        : (tensor<?x2048xf32>,
           !gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>,
           tensor<?xi32>, tensor<?xi32>) -> tensor<?x2048xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$q, Gemma_KvCacheType:$cache,
    Gemma_RowIndices:$positions, Gemma_RowIndices:$slots,
    Optional<Gemma_Weight>:$table, Optional<Gemma_Weight>:$q_norm,
    Optional<Gemma_Partials>:$partials, Optional<Gemma_OutRows>:$out,
    Optional<Index>:$rows, F64Attr:$q_scale, OptionalAttr<F64Attr>:$softcap,
    I64Attr:$window, F64Attr:$base, F64Attr:$position_scale,
    OptionalAttr<F64Attr>:$q_epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$q_unit_offset,
    OptionalAttr<Gemma_EncodingKindAttr>:$kind, UnitAttr:$combine);
  let assemblyFormat = [{
    `(` $q `,` $cache `,` $positions `,` $slots (`,` $table^)? `)`
    (`q_norm` `(` $q_norm^ `)`)? (`partials` `(` $partials^ `)`)? (`into` `(` $out^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$q,
    "::mlir::Value":$cache, "::mlir::Value":$positions, "::mlir::Value":$slots,
    "::mlir::Value":$table, "::mlir::Value":$q_norm, "::mlir::Value":$out,
    "::mlir::Value":$rows, "::mlir::FloatAttr":$q_scale,
    "::mlir::FloatAttr":$softcap, "::mlir::IntegerAttr":$window,
    "::mlir::FloatAttr":$base, "::mlir::FloatAttr":$position_scale,
    "::mlir::FloatAttr":$q_epsilon, "::mlir::BoolAttr":$q_unit_offset,
    "EncodingKindAttr":$kind), [{
      build($_builder, $_state, result ? ::mlir::TypeRange(result)
            : ::mlir::TypeRange(), q, cache, positions, slots, table, q_norm,
            /*partials=*/::mlir::Value(), out, rows, q_scale, softcap, window,
            base, position_scale, q_epsilon, q_unit_offset, kind,
            /*combine=*/::mlir::UnitAttr());
    }]>];
}

def Gemma_LinearResidualOp : Gemma_FusedOp<"linear_residual"> {
  let summary = "matmul added to the residual stream";
  let description = [{
    `out_0 = residual + linear(x, weight)`. Phase pack may give it a second
    result, `out_1 = pack_rows(out_0, norm_weight)` of `kind`: what the next
    norm_* op reads.

    Constraints:
    * (C1) the weight is a matrix [N, K]; x has K columns or is their packed
      form; the residual and the first result have N.
    * (C2) the residual and the first result are f32.
    * (C3) `kind` is given with two results and not with one; the second is the
      packed form of N columns. Only then there can be a norm weight, a vector
      of N elements.

    Example:
    ```mlir
    %y = gemma.linear_residual(%x, %w) residual(%r)
        : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>)
        -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Gemma_Weight:$weight,
    Gemma_Rows:$residual, Optional<Gemma_Weight>:$norm_weight,
    Variadic<Gemma_OutRows>:$outs, Optional<Index>:$rows,
    DefaultValuedAttr<BoolAttr, "false">:$unit_offset,
    OptionalAttr<Gemma_EncodingKindAttr>:$kind);
  let results = (outs Variadic<Gemma_Rows>:$results);
  let assemblyFormat = [{
    `(` $x `,` $weight `)` `residual` `(` $residual `)`
    (`norm` `(` $norm_weight^ `)`)? (`into` `(` $outs^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The first buffer written.
    ::mlir::Value getOut();
  }];
}

def Gemma_NormResidualOp : Gemma_FusedOp<"norm_residual"> {
  let summary = "RMSNorm added to the residual stream";
  let description = [{
    `out_0 = residual + rms_norm(x, weight)`, over whole rows: a post norm. Phase
    pack may give it a second result, `out_1 = pack_rows(out_0, pack_weight)` of
    `kind`, with `pack_unit_offset` for `1 + w`: what the next norm_* op reads.

    Constraints:
    * (C1) x, the residual and the first result are f32 rows of N columns.
    * (C2) the weight, if given, is a vector of N elements.
    * (C3) epsilon is not negative.
    * (C4) `kind` is given with two results and not with one; the second is the
      packed form of N columns. Only then there can be a pack weight, a vector
      of N elements.

    Example:
    ```mlir
    %y = gemma.norm_residual(%x, %w) residual(%r)
        {epsilon = 1.0e-6 : f64, unit_offset = true}
        : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>)
        -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_Weight>:$weight,
    Gemma_Rows:$residual, Optional<Gemma_Weight>:$pack_weight,
    Variadic<Gemma_OutRows>:$outs, Optional<Index>:$rows, F64Attr:$epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$unit_offset,
    DefaultValuedAttr<BoolAttr, "false">:$pack_unit_offset,
    OptionalAttr<Gemma_EncodingKindAttr>:$kind);
  let results = (outs Variadic<Gemma_Rows>:$results);
  let assemblyFormat = [{
    `(` $x (`,` $weight^)? `)` `residual` `(` $residual `)`
    (`pack` `(` $pack_weight^ `)`)? (`into` `(` $outs^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The first buffer written.
    ::mlir::Value getOut();
  }];
}

#endif // GEMMA_FUSED_OPS_TD
