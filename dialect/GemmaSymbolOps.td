//===- GemmaSymbolOps.td - Weights and KV caches as symbols -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_SYMBOL_OPS_TD
#define GEMMA_SYMBOL_OPS_TD

include "dialect/GemmaTypes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Gemma_Op<string mnemonic, list<Trait> traits = []>
    : Op<Gemma_Dialect, mnemonic, traits>;

def Gemma_WeightOp : Gemma_Op<"weight", [Symbol, IsolatedFromAbove]> {
  let summary = "a weight of the model, by name and provenance";
  let description = [{
    The type is that of the tensor in the checkpoint. The bytes are read when
    the artifact is written, never before. A weight without a source is a name
    only: enough for passes and their tests, refused by the emitter.

    From phase pack on, `encoding` says how the bytes lie in the artifact.

    Constraints:
    * (C1) the type has a static shape of one or more positive dimensions and an
      f32, bf16 or f16 element.
    * (C2) a rope table source has the shape that its parameters give.
    * (C3) an encoding with panels is for matrices only.
    * (C4) a source is a `tensor`, `random` or `rope_table` attribute.

    Example:
    ```mlir
    gemma.weight @norm : tensor<64xbf16>
        from #gemma.tensor<"model.safetensors", "model.norm.weight">
        as #gemma.encoding<f32, panel = 0>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
    TypeAttrOf<AnyStaticShapeTensor>:$type,
    OptionalAttr<AnyAttr>:$source,
    OptionalAttr<Gemma_EncodingAttr>:$encoding);
  let assemblyFormat = [{
    $sym_name `:` $type (`from` $source^)?
    (`as` qualified($encoding)^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Gemma_WeightRefOp : Gemma_Op<"weight_ref", [Pure,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the value of a weight";
  let description = [{
    Before phase pack a tensor, from then on a packed weight.

    Constraints:
    * (C1) the symbol names a `gemma.weight`.
    * (C2) a tensor result has the weight's type and the weight no encoding; a
      packed result has its shape and encoding.

    Example: `%0 = gemma.weight_ref @norm : tensor<64xbf16>`
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight);
  let results = (outs AnyTypeOf<[AnyStaticShapeTensor, Gemma_PackedType]>:$result);
  let assemblyFormat = "$weight attr-dict `:` type($result)";
}

def Gemma_KvCacheOp : Gemma_Op<"kv_cache", [Symbol, IsolatedFromAbove]> {
  let summary = "the KV cache of one layer";
  let description = [{
    Keys and values live in the session, outside the scratch arena.

    Example:
    ```mlir
    gemma.kv_cache @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 256,
                                           element = bf16, window = 0>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Gemma_KvCacheType>:$type);
  let assemblyFormat = "$sym_name `:` $type attr-dict";
}

def Gemma_KvCacheRefOp : Gemma_Op<"kv_cache_ref", [Pure,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a handle on a KV cache";
  let description = [{
    Constraints:
    * (C1) the symbol names a `gemma.kv_cache` of the result's type.

    Example:
    ```mlir
    %c = gemma.kv_cache_ref @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 256,
                                                    element = bf16, window = 0>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$cache);
  let results = (outs Gemma_KvCacheType:$result);
  let assemblyFormat = "$cache attr-dict `:` qualified(type($result))";
}

#endif // GEMMA_SYMBOL_OPS_TD
