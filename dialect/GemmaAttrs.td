//===- GemmaAttrs.td - Encodings, weight sources, costs -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_ATTRS_TD
#define GEMMA_ATTRS_TD

include "dialect/GemmaBase.td"

class Gemma_Attr<string name, string attrMnemonic> : AttrDef<Gemma_Dialect, name> {
  let mnemonic = attrMnemonic;
}

//===----------------------------------------------------------------------===//
// Encodings
//===----------------------------------------------------------------------===//

def Gemma_EncodingKind : I32EnumAttr<"EncodingKind", "element format of a packed weight", [
    I32EnumAttrCase<"F32", 0, "f32">,
    I32EnumAttrCase<"BF16", 1, "bf16">,
    I32EnumAttrCase<"F16", 2, "f16">,
    I32EnumAttrCase<"Q8_0", 3, "q8_0">,
    I32EnumAttrCase<"Q4_0", 4, "q4_0">,
  ]> {
  let cppNamespace = "::mlir::gemma";
  let genSpecializedAttr = 0;
}
def Gemma_EncodingKindAttr : EnumAttr<Gemma_Dialect, Gemma_EncodingKind, "kind"> {
  let assemblyFormat = "`<` $value `>`";
}

def Gemma_EncodingAttr : Gemma_Attr<"Encoding", "encoding"> {
  let summary = "how a weight's bytes lie in the artifact";
  let description = [{
    `#gemma.encoding<f32, panel = 0>` keeps row-major order; it serves vectors
    and tables. With `panel = P` a matrix `[N, K]` is cut into panels of P rows
    of the weight (= columns of the product), the last one padded with zeros:

    * `f32`:  `[N/P][K][P]`
    * `f16`:  `[N/P][K][P]`
    * `bf16`: `[N/P][K/2][P][2]`, K padded with one zero where it is odd, so
      that a pair of K values of one column is one 32-bit lane, which is what
      the bf16 dot-product instructions read.
    * `q8_0`, `q4_0`: blocks of 32 consecutive K values of one row of the weight
      share an f16 scale d; a value is `d * q` with q an integer in [-128, 127]
      (ggml's rule uses -127 to 127), or in [-8, 7]. These are the value sets of
      GGUF's types of these names. K is padded with zeros to a multiple of 64;
      `[N/P][K/64]` superblocks, P = 16, each
        * scales: f16 `[2][16]`, the block of K values 0-31, then of 32-63;
        * `q8_0`: u8 = q + 128, `[16][16][4]`: k-step j of 4 consecutive K
          values, column, value: 64 + 1024 bytes.
        * `q4_0`: u4 = q + 8, `[8][16][4]` bytes: the low nibbles are k-step 2j,
          the high ones k-step 2j + 1: 64 + 512 bytes.

    Example: `#gemma.encoding<bf16, panel = 16>`
  }];
  let parameters = (ins
    EnumParameter<Gemma_EncodingKind>:$kind,
    "int64_t":$panel);
  let assemblyFormat = "`<` $kind `,` `panel` `=` $panel `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Bytes that a weight of `shape` occupies, padding included.
    int64_t getPackedBytes(::llvm::ArrayRef<int64_t> shape) const;
    /// Whether values are integers times a block's scale.
    bool isQuantized() const;
    /// The element type that values are rounded to: f32, bf16 or f16. Not for
    /// quantised encodings.
    ::mlir::FloatType getElementType() const;
  }];
}

//===----------------------------------------------------------------------===//
// Weight sources (provenance)
//===----------------------------------------------------------------------===//

def Gemma_TensorSourceAttr : Gemma_Attr<"TensorSource", "tensor"> {
  let summary = "a tensor of a file of the checkpoint";
  let description = [{
    `file` is relative to the checkpoint's folder (module attribute
    `gemma.checkpoint`). A tensor of a GGUF file has its type as `format`: the
    values of the quantised ones are f32 to the IR, and what they are stored as
    decides which encoding holds them exactly.

    Example: `#gemma.tensor<"model.safetensors", "model.norm.weight">`,
    `#gemma.tensor<"model.gguf", "blk.0.attn_q.weight", "Q4_0">`
  }];
  let parameters = (ins
    StringRefParameter<"file, relative to the checkpoint">:$file,
    StringRefParameter<"tensor's name in the file">:$tensor,
    StringRefParameter<"type of a GGUF file's tensor", "\"\"">:$format);
  let assemblyFormat = "`<` $file `,` $tensor (`,` $format^)? `>`";
  let builders = [AttrBuilder<(ins "::llvm::StringRef":$file,
      "::llvm::StringRef":$tensor), [{
    return $_get($_ctxt, file, tensor, ::llvm::StringRef());
  }]>];
}

def Gemma_RandomSourceAttr : Gemma_Attr<"RandomSource", "random"> {
  let summary = "values drawn from a seed";
  let description = [{
    Uniform in [-bound, bound]. A value is a function of (seed, the weight's
    symbol name, row, block of 16 columns), so it does not depend on layout or
    order.

    Example: `#gemma.random<seed = 1, bound = 2.0e-2 : f64>`
  }];
  let parameters = (ins "int64_t":$seed, "::mlir::FloatAttr":$bound);
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` `seed` `=` $seed `,` `bound` `=` $bound `>`";
}

def Gemma_RopeTableSourceAttr : Gemma_Attr<"RopeTableSource", "rope_table"> {
  let summary = "cosines and sines for rotary embeddings, computed in f64";
  let description = [{
    Two tables whose angles add up: position p = 256 * a + b. The weight has
    shape `[A + 256, 2, half]` with `half = rotated / 2` and
    `A = ceil(positions / 256)`: rows 0..A-1 hold (cos, sin) of
    `256 * a * f_i`, rows A.. of `b * f_i`, where
    `f_i = base^(-2i / head_dim) / position_scale`. `cos(x+y)` and
    `sin(x+y)` then follow from the sum formulas with an error of about one
    f32 unit, up to the last position, at 1/200 of a full table's size.

    Example: `#gemma.rope_table<base = 1.0e4 : f64, position_scale = 1.0 : f64,
    head_dim = 256, rotated = 256, positions = 8192>`
  }];
  let parameters = (ins "::mlir::FloatAttr":$base,
    "::mlir::FloatAttr":$position_scale, "int64_t":$head_dim,
    "int64_t":$rotated, "int64_t":$positions);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Number of positions that one row of the fine table spans.
    static constexpr int64_t kStride = 256;
    /// Shape of the table: [A + 256, 2, rotated / 2].
    ::llvm::SmallVector<int64_t, 3> getShape() const;
  }];
}

//===----------------------------------------------------------------------===//
// Rows for a matmul: gemma.pack_rows
//===----------------------------------------------------------------------===//

// Helper functions on kinds are in dialect/PackedRows.h.

//===----------------------------------------------------------------------===//
// GeGLU's activation
//===----------------------------------------------------------------------===//

def Gemma_Gelu : I32EnumAttr<"Gelu", "form of the GELU activation", [
    I32EnumAttrCase<"Tanh", 0, "tanh">,
    I32EnumAttrCase<"Erf", 1, "erf">,
  ]> {
  let cppNamespace = "::mlir::gemma";
  let genSpecializedAttr = 0;
}
def Gemma_GeluAttr : EnumAttr<Gemma_Dialect, Gemma_Gelu, "gelu"> {
  let assemblyFormat = "`<` $value `>`";
}

#endif // GEMMA_ATTRS_TD
