//===- GemmaBase.td - The gemma dialect and its shared constraints -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_BASE_TD
#define GEMMA_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Gemma_Dialect : Dialect {
  let name = "gemma";
  let cppNamespace = "::mlir::gemma";
  let summary = "the decoder graph of the Gemma family over rows";
  let description = [{
    One program has one entry, `forward`, over M *rows*. A row is one token of
    one sequence; its `position` and its KV cache `slot` come as operands.
    Weights and KV caches are symbols. What the members of the family differ
    in is an attribute of an op, never a constant in a pass.

    The same ops exist in two forms:

    * on tensors, with one result: phases import, fuse and pack;
    * on buffers, with a trailing `into(%out) rows(%m)` and no result: phases
      bufferize and dispatch. The buffers have room for `max_rows` rows, of
      which the first `%m` are read and written.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let hasOperationAttrVerify = 1;
  let extraClassDeclaration = [{
    void registerAttributes();
    void registerTypes();
  }];
}

#endif // GEMMA_BASE_TD
