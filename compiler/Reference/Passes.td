//===- Passes.td - The interpreter as a pass ---------------*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_PASSES
#define GEMMA_COMPILER_REFERENCE_PASSES

include "mlir/Pass/PassBase.td"

def Interpret : Pass<"gemma-interpret", "::mlir::ModuleOp"> {
  let summary = "run the module with the dialect's interpreter";
  let description = [{
    Read-only. With `tokens`, runs `@forward` over them as one run of slot 0
    from position 0 on, asks for the logits of every token, and writes them to
    `output`, a NumPy file [tokens, vocab]. Without, runs `@main`, which has no
    arguments, and prints one line per result.

    Any form of a program will do up to the output of phase dispatch. Numbers
    are f64; see the README of compiler/Reference for what is rounded.

    Example:
    ```
    gemma-opt model.3.pack.mlir -o /dev/null \
        --gemma-interpret='tokens=2,5,7 output=logits.npy'
    ```
  }];
  let options = [
    ListOption<"tokens", "tokens", "int64_t",
               "Token ids to run @forward over.">,
    Option<"output", "output", "std::string", "",
           "The NumPy file that the logits go to.">,
    Option<"dtype", "dtype", "std::string", "\"f32\"",
           "Element of the file: f32 or f64.">,
    Option<"chunk", "chunk", "int64_t", "0",
           "Tokens per forward, one after the other over the same KV cache. 0, "
           "the default, takes as many as the program does.">,
    Option<"keepRows", "keep-rows", "bool", "false",
           "Do not round the rows that quantised weights are multiplied with: "
           "what the rounding of the weights costs by itself.">,
    Option<"checkpoint", "checkpoint", "std::string", "",
           "Folder of the weights' files, instead of the module's "
           "gemma.checkpoint.">,
  ];
}

#endif // GEMMA_COMPILER_REFERENCE_PASSES
