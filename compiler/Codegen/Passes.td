//===- Passes.td - Passes of phase codegen -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_PASSES
#define GEMMA_COMPILER_CODEGEN_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Transformations
//===----------------------------------------------------------------------===//

def LowerKernelsToCpu : Pass<"gemma-lower-kernels-to-cpu", "::mlir::ModuleOp"> {
  let summary = "write each kernel as vector loops over its items";
  let description = [{
    Replaces the one op of every function of `@kernels` by loops over the
    items [begin, end), with the tile sizes of compiler/Target. A packed
    weight becomes its bytes; a KV cache becomes keys, values and capacity.
    One file per op beside this pass.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
    "::mlir::x86vector::X86VectorDialect"];
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyCodegen : Pass<"gemma-verify-codegen", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase codegen";
  let description = [{
    Read-only. No gemma op or type in a kernel, and no call.
  }];
}

#endif // GEMMA_COMPILER_CODEGEN_PASSES
