//===- GemmaDecoderOps.td - The input ops: what a decoder computes -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DECODER_OPS_TD
#define GEMMA_DECODER_OPS_TD

include "dialect/GemmaSymbolOps.td"
include "dialect/GemmaInterfaces.td"

//===----------------------------------------------------------------------===//
// Operand constraints
//===----------------------------------------------------------------------===//

/// Activations: one row per token, f32, or where a matmul reads them bf16 or
/// packed bytes (gemma.pack_rows).
def Gemma_Rows : AnyTypeOf<[TensorRankOf<[F32, BF16, I8], [2]>,
                            MemRefRankOf<[F32, BF16, I8], [2]>],
                           "rows (2-D tensor or memref of f32, bf16 or i8)">;
/// One i32 per row: token, position, slot or row number.
def Gemma_RowIndices : AnyTypeOf<[1DTensorOf<[I32]>, MemRefRankOf<[I32], [1]>],
                                 "one i32 per row (1-D tensor or memref)">;
/// A weight before packing (tensor), or after.
def Gemma_Weight : AnyTypeOf<[AnyRankedTensor, Gemma_PackedType],
                             "weight (tensor or packed)">;
def Gemma_OutRows : MemRefRankOf<[F32, BF16, I8], [2]>;
def Gemma_Partials : MemRefRankOf<[F32], [2]>;

/// An op over rows. `out` and `rows` are present in the buffer form only.
class Gemma_DecoderOpBase<string mnemonic, list<Trait> traits = []>
    : Gemma_Op<mnemonic, !listconcat([
        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
        Gemma_DecoderOpInterface], traits)> {
  let hasVerifier = 1;
}

/// A decoder op that gives new rows.
class Gemma_DecoderOp<string mnemonic, list<Trait> traits = []>
    : Gemma_DecoderOpBase<mnemonic,
                          !listconcat([AttrSizedOperandSegments], traits)> {
  let results = (outs Optional<Gemma_Rows>:$result);
}

//===----------------------------------------------------------------------===//
// Ops, in the order in which a row meets them
//===----------------------------------------------------------------------===//

def Gemma_EmbedOp : Gemma_DecoderOp<"embed"> {
  let summary = "scaled rows of the embedding table";
  let description = [{
    `out[m, :] = table[tokens[m], :] * scale`. Gemma's scale is sqrt(hidden)
    rounded to bf16, whatever the weights' type.

    Constraints:
    * (C1) the table is a matrix whose second dimension is the result's width.
    * (C2) the result's element is f32.

    Example:
    ```mlir
    %x = gemma.embed(%tokens, %table) {scale = 45.25 : f64}
        : (tensor<?xi32>, tensor<256000x2048xbf16>) -> tensor<?x2048xf32>
    ```
  }];
  let arguments = (ins Gemma_RowIndices:$tokens, Gemma_Weight:$table,
    Optional<Gemma_OutRows>:$out, Optional<Index>:$rows, F64Attr:$scale);
  let assemblyFormat = [{
    `(` $tokens `,` $table `)` (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Gemma_RmsNormOp : Gemma_DecoderOp<"rms_norm"> {
  let summary = "root-mean-square normalisation of groups of a row";
  let description = [{
    For every group g of `group_size` consecutive elements of a row (the whole
    row if not given; a head for q and k norms), with w the weight of
    `group_size` elements:

    `out[m, g, i] = x[m, g, i] / sqrt(mean_j(x[m, g, j]^2) + epsilon) * f(w[i])`

    with `f(w) = 1 + w` if `unit_offset`, `w` if not, and 1 without a weight.
    Everything in f32; the result is rounded once if its element is bf16.

    Constraints:
    * (C1) result and x have the same shape.
    * (C2) the group size divides the row.
    * (C3) the weight is a vector of `group_size` elements.
    * (C4) epsilon is not negative.
    * (C5) x is f32.

    Example:
    ```mlir
    %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-6 : f64, unit_offset = true}
        : (tensor<?x2048xf32>, tensor<2048xbf16>) -> tensor<?x2048xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_Weight>:$weight,
    Optional<Gemma_OutRows>:$out, Optional<Index>:$rows, F64Attr:$epsilon,
    DefaultValuedAttr<BoolAttr, "false">:$unit_offset,
    OptionalAttr<I64Attr>:$group_size);
  let assemblyFormat = [{
    `(` $x (`,` $weight^)? `)` (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Elements that are normalised together.
    int64_t getGroup();
  }];
}

def Gemma_LinearOp : Gemma_DecoderOp<"linear"> {
  let summary = "matrix product with a weight";
  let description = [{
    `out[m, n] = sum_k x[m, k] * w[n, k]`, one ascending f32 chain over k for
    every output, so that a row's bits depend neither on its neighbours nor on
    how the work is split.

    Constraints:
    * (C1) the weight is a matrix [N, K], the result has N columns; x has K, or
      is their packed form for a quantised encoding.
    * (C2) the result's element is f32.

    A packed weight multiplies rows of its encoding's element; phase pack ends
    with a check of that.

    Example:
    ```mlir
    %y = gemma.linear(%x, %w)
        : (tensor<?x2048xf32>, tensor<16384x2048xbf16>) -> tensor<?x16384xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Gemma_Weight:$weight,
    Optional<Gemma_OutRows>:$out, Optional<Index>:$rows);
  let assemblyFormat = [{
    `(` $x `,` $weight `)` (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Gemma_RopeOp : Gemma_DecoderOp<"rope"> {
  let summary = "rotary position embedding, half-split pairs";
  let description = [{
    For every head of `head_dim` consecutive elements and every pair
    `i < rotated / 2`, with `h = head_dim / 2` and
    `angle = position / position_scale * base^(-2i / head_dim)`:

    ```
    out[i]     = x[i] * cos(angle) - x[i + h] * sin(angle)
    out[i + h] = x[i + h] * cos(angle) + x[i] * sin(angle)
    ```

    The other pairs are copied. Phase pack adds the table that the angles are
    read from.

    Constraints:
    * (C1) result and x have the same shape, both f32.
    * (C2) head_dim is even and divides the row.
    * (C3) rotated is even and at most head_dim.
    * (C4) base and position_scale are positive.
    * (C5) a table has shape [A + 256, 2, rotated / 2].

    Example:
    ```mlir
    %y = gemma.rope(%x, %positions) {head_dim = 256 : i64, rotated = 256 : i64,
        base = 1.0e4 : f64, position_scale = 1.0 : f64}
        : (tensor<?x2048xf32>, tensor<?xi32>) -> tensor<?x2048xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Gemma_RowIndices:$positions,
    Optional<Gemma_Weight>:$table, Optional<Gemma_OutRows>:$out,
    Optional<Index>:$rows, I64Attr:$head_dim, I64Attr:$rotated, F64Attr:$base,
    F64Attr:$position_scale);
  let assemblyFormat = [{
    `(` $x `,` $positions (`,` $table^)? `)` (`into` `(` $out^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasFolder = 1;
}

def Gemma_CacheWriteOp : Gemma_DecoderOpBase<"cache_write"> {
  let summary = "store keys and values of all rows";
  let description = [{
    `cache[slots[m], positions[m]] = (k[m, :], v[m, :])`, rounded to the
    cache's element.

    Constraints:
    * (C1) k and v are f32 and have the cache's heads * head_dim columns.

    Example:
    ```mlir
    gemma.cache_write(%k, %v, %cache, %positions, %slots)
        : (tensor<?x256xf32>, tensor<?x256xf32>,
           !gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>,
           tensor<?xi32>, tensor<?xi32>) -> ()
    ```
  }];
  let arguments = (ins Gemma_Rows:$k, Gemma_Rows:$v, Gemma_KvCacheType:$cache,
    Gemma_RowIndices:$positions, Gemma_RowIndices:$slots,
    Optional<Index>:$rows);
  let assemblyFormat = [{
    `(` $k `,` $v `,` $cache `,` $positions `,` $slots `)`
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// Only the cache is written.
    ::mlir::Value getOut() { return {}; }
    ::mlir::OperandRange getOuts() { return getRowsMutable().slice(0, 0); }
    bool givesRows() { return false; }
  }];
}

def Gemma_AttentionOp : Gemma_DecoderOp<"attention"> {
  let summary = "causal attention of each row over its slot's cache";
  let description = [{
    For every query head h of row m at position p, with c = h / (H / heads),
    over the keys j of the row's slot with `max(0, p - window + 1) <= j <= p`
    (all j <= p if the window is 0):

    ```
    s_j = q[m, h] . k[j, c] * q_scale
    s_j = softcap * tanh(s_j / softcap)      if softcap is given
    out[m, h] = sum_j softmax(s)_j * v[j, c]
    ```

    Keys are walked in tiles at fixed absolute positions, ascending, with an
    online softmax in f32. Keys and values of all rows must be in the cache.

    In the buffer form `partials` is scratch memory, by which long contexts are
    spread over threads: there are two ops then, of which the first may leave
    rows in pieces and the second, with `combine`, puts them together. What
    `out` holds between the two is not defined.

    Constraints:
    * (C1) result and q have the same shape; q is f32.
    * (C2) q's columns are a multiple of heads * head_dim of the cache.
    * (C3) q_scale is positive, softcap positive if given.
    * (C4) the window is not negative and fits the cache's window.
    * (C5) combine is given with partials only.

    Example:
    ```mlir
    %o = gemma.attention(%q, %cache, %positions, %slots)
        {q_scale = 0.0625 : f64, window = 0 : i64}
        : (tensor<?x2048xf32>,
           !gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>,
           tensor<?xi32>, tensor<?xi32>) -> tensor<?x2048xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$q, Gemma_KvCacheType:$cache,
    Gemma_RowIndices:$positions, Gemma_RowIndices:$slots,
    Optional<Gemma_Partials>:$partials, Optional<Gemma_OutRows>:$out,
    Optional<Index>:$rows, F64Attr:$q_scale, OptionalAttr<F64Attr>:$softcap,
    I64Attr:$window, UnitAttr:$combine);
  let assemblyFormat = [{
    `(` $q `,` $cache `,` $positions `,` $slots `)`
    (`partials` `(` $partials^ `)`)? (`into` `(` $out^ `)`)?
    (`rows` `(` $rows^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$q,
    "::mlir::Value":$cache, "::mlir::Value":$positions, "::mlir::Value":$slots,
    "::mlir::Value":$out, "::mlir::Value":$rows, "::mlir::FloatAttr":$q_scale,
    "::mlir::FloatAttr":$softcap, "::mlir::IntegerAttr":$window), [{
      build($_builder, $_state, result ? ::mlir::TypeRange(result)
            : ::mlir::TypeRange(), q, cache, positions, slots,
            /*partials=*/::mlir::Value(), out, rows, q_scale, softcap, window,
            /*combine=*/::mlir::UnitAttr());
    }]>];
}

def Gemma_GegluOp : Gemma_DecoderOp<"geglu"> {
  let summary = "gated GELU";
  let description = [{
    `out = gelu(gate) * up`, where gelu is

    * `tanh`: `0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`, Gemma's own;
    * `erf`: `0.5 x (1 + erf(x / sqrt(2)))`.

    Constraints:
    * (C1) gate, up and result have the same shape; gate and up are f32.

    Example:
    ```mlir
    %h = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<tanh>}
        : (tensor<?x16384xf32>, tensor<?x16384xf32>) -> tensor<?x16384xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$gate, Gemma_Rows:$up,
    Optional<Gemma_OutRows>:$out, Optional<Index>:$rows, Gemma_GeluAttr:$gelu);
  let assemblyFormat = [{
    `(` $gate `,` $up `)` (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

def Gemma_SelectRowsOp : Gemma_DecoderOp<"select_rows"> {
  let summary = "the rows whose logits are asked for";
  let description = [{
    `out[p, :] = x[indices[p], :]`.

    Constraints:
    * (C1) result and x have the same width and element.

    Example:
    ```mlir
    %y = gemma.select_rows(%x, %out_rows)
        : (tensor<?x2048xf32>, tensor<?xi32>) -> tensor<?x2048xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Gemma_RowIndices:$indices,
    Optional<Gemma_OutRows>:$out, Optional<Index>:$rows);
  let assemblyFormat = [{
    `(` $x `,` $indices `)` (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
  let extraClassDeclaration = [{
    /// The op works over the rows asked for, not over those of x.
    ::mlir::Value getRowOperand() { return getIndices(); }
    bool picksRows(unsigned operand) { return operand == 0; }
  }];
}

def Gemma_SoftcapOp : Gemma_DecoderOp<"softcap"> {
  let summary = "soft limit of logits";
  let description = [{
    `out = cap * tanh(x / cap)`.

    Constraints:
    * (C1) result and x have the same shape, both f32.
    * (C2) cap is positive.

    Example:
    ```mlir
    %y = gemma.softcap(%x) {cap = 30.0 : f64}
        : (tensor<?x256000xf32>) -> tensor<?x256000xf32>
    ```
  }];
  let arguments = (ins Gemma_Rows:$x, Optional<Gemma_OutRows>:$out,
    Optional<Index>:$rows, F64Attr:$cap);
  let assemblyFormat = [{
    `(` $x `)` (`into` `(` $out^ `)`)? (`rows` `(` $rows^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
}

#endif // GEMMA_DECODER_OPS_TD
