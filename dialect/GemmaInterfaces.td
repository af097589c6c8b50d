//===- GemmaInterfaces.td - What passes ask of every decoder op -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_INTERFACES_TD
#define GEMMA_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Gemma_DecoderOpInterface : OpInterface<"DecoderOpInterface"> {
  let cppNamespace = "::mlir::gemma";
  let description = [{
    A decoder op works on rows and has a tensor form and a buffer form. Passes
    that move a graph from one form to the other need no list of ops.

    Constraints:
    * (F1) without `rows`: no memref, no `into`, and at least one result unless
      the op writes only a KV cache.
    * (F2) with `rows`: no tensor, no result, and `into` unless the op writes
      only a KV cache.
  }];
  let verify = [{ return ::mlir::gemma::detail::verifyForm($_op); }];
  let methods = [
    InterfaceMethod<"The buffer written (the first one, if several), null in "
                    "the tensor form or if the op writes only a KV cache.",
      "::mlir::Value", "getOut">,
    InterfaceMethod<"All buffers written, in the order of the results.",
      "::mlir::OperandRange", "getOuts", (ins), [{}], [{
        return $_op.getOutMutable();
      }]>,
    InterfaceMethod<"The number of rows, null in the tensor form.",
      "::mlir::Value", "getRows">,
    InterfaceMethod<"The operand whose number of rows the op works over.",
      "::mlir::Value", "getRowOperand", (ins), [{}], [{
        return $_op->getOperand(0);
      }]>,
    InterfaceMethod<"Whether operand number `operand` has rows of the whole "
                    "forward, of which the op picks some by its row operand.",
      "bool", "picksRows", (ins "unsigned":$operand), [{}], [{
        return false;
      }]>,
    InterfaceMethod<"Whether the op gives rows, in a result or in `into`.",
      "bool", "givesRows", (ins), [{}], [{
        return true;
      }]>,
    InterfaceMethod<"Whether this is the buffer form.",
      "bool", "isBuffered", (ins), [{}], [{
        return static_cast<bool>($_op.getRows());
      }]>,
  ];
}

def Gemma_FusedOpInterface : OpInterface<"FusedOpInterface"> {
  let cppNamespace = "::mlir::gemma";
  let description = [{
    An op that phase fuse makes of input ops, and that can say which.
  }];
  let methods = [
    InterfaceMethod<"Builds the input ops that this op stands for, in its tensor "
                    "form and before its rows are packed, in front of it; gives "
                    "a value per result. Fails, without a message, on another "
                    "form.",
      "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "decompose",
      (ins "::mlir::OpBuilder &":$builder)>,
  ];
}

#endif // GEMMA_INTERFACES_TD
