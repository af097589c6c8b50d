//===- Passes.td - Passes of phase llvm --------------------*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_LLVM_PASSES
#define GEMMA_COMPILER_LLVM_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Transformations
//===----------------------------------------------------------------------===//

def ExpandMath : Pass<"gemma-expand-math", "::mlir::ModuleOp"> {
  let summary = "write math functions of the kernels as arithmetic";
  let description = [{
    A kernel calls no library. exp, tanh, erf, log, ... on f32 become MLIR's
    polynomials (exp: 1 unit in the last place, tanh: 2.6e-7 absolute);
    functions that follow from those are rewritten by them first. What the
    target of `gemma.options` has as an instruction stays: sqrt, and floor,
    ceil and roundeven from SSE4.1 on.

    ```
    %y = math.rsqrt %x : vector<16xf32>
    ==>
    %s = math.sqrt %x : vector<16xf32>
    %y = arith.divf %one, %s : vector<16xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"];
}

def LegalizeFma : Pass<"gemma-legalize-fma", "::mlir::ModuleOp"> {
  let summary = "make every fused multiply-add one instruction or two";
  let description = [{
    `vector.fma` reaches LLVM as `fmuladd`, which leaves it to the backend
    whether the product is rounded. Here it becomes `fma` where the target of
    `gemma.options` has the instruction, and a product and a sum where it has
    not (a call to `fmaf` otherwise). So the bits are decided here, and nothing
    else is ever contracted.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def WrapKernels : Pass<"gemma-wrap-kernels", "::mlir::ModuleOp"> {
  let summary = "give every kernel the C ABI of the runtime";
  let description = [{
    A public function of `@kernels` with bare pointers keeps its body under a
    private name, and a function of the kernel's name calls it:

    ```
    llvm.func @k(%x: !llvm.ptr, %capacity: i64 {gemma.capacity}, %y: !llvm.ptr,
                 %rows: i64, %begin: i64, %end: i64)
    ==>
    llvm.func @k(%pointers: !llvm.ptr, %scalars: !llvm.ptr, %begin: i64,
                 %end: i64)   // x = pointers[0], y = pointers[1],
                              // rows = scalars[0], capacity = scalars[1]
    llvm.func internal @k_body(...)
    ```

    The body is not inlined: the alignment of 64 bytes of its pointers, and
    `llvm.noalias` where codegen says so, are attributes of its arguments,
    and inlining would lose them. One call per range of items costs nothing.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyLlvm : Pass<"gemma-verify-llvm", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase llvm";
  let description = [{
    Read-only. `@kernels` holds ops of the LLVM dialect only. No function is
    only declared, no call is indirect, and no intrinsic is there that LLVM
    may turn into a call of a library (exp, pow, memcpy, ...). A public
    function has the type of a kernel. Every kernel of a `gemma.dispatch` is
    a public function.
  }];
}

#endif // GEMMA_COMPILER_LLVM_PASSES
