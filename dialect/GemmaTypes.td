//===- GemmaTypes.td - Packed weights and KV caches as types -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TYPES_TD
#define GEMMA_TYPES_TD

include "dialect/GemmaAttrs.td"

class Gemma_Type<string name, string typeMnemonic> : TypeDef<Gemma_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Gemma_PackedType : Gemma_Type<"Packed", "packed"> {
  let summary = "a weight in its encoding";
  let description = [{
    The logical shape is that of the checkpoint's tensor; only code generation
    and the emitter look at the bytes behind it.

    Example: `!gemma.packed<2048x16384, #gemma.encoding<bf16, panel = 16>>`
  }];
  let parameters = (ins
    ArrayRefParameter<"int64_t">:$shape,
    "::mlir::gemma::EncodingAttr":$encoding);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Size of the weight's segment range in the artifact.
    int64_t getBytes() const { return getEncoding().getPackedBytes(getShape()); }
  }];
}

def Gemma_KvCacheType : Gemma_Type<"KvCache", "kv_cache"> {
  let summary = "keys and values of one layer, for every slot";
  let description = [{
    Row `position mod capacity` of a slot holds the key and the value of all
    `heads` heads. The capacity is chosen at run time: the context for
    `window = 0`, else at least the window plus a forward's rows. The element
    is f32, bf16 or i8; with i8 every key and every value has an f32 scale per
    head.

    Example: `!gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>`
  }];
  let parameters = (ins "int64_t":$heads, "int64_t":$head_dim,
    "::mlir::Type":$element, "int64_t":$window);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // GEMMA_TYPES_TD
