//===- Passes.td - Passes of phase pack -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_PACK_PASSES
#define GEMMA_COMPILER_PACK_PASSES

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Transformations
//===----------------------------------------------------------------------===//

def AddRopeTables : Pass<"gemma-add-rope-tables", "::mlir::ModuleOp"> {
  let summary = "give every rope the table that its angles are read from";
  let description = [{
    One weight `@rope.N` per distinct set of base, position scale, head_dim
    and rotated dimensions, for as many positions as the model's context.

    ```
    gemma.rope(%q, %positions) {base = 1.0e4, …}
      ==>
    %t = gemma.weight_ref @rope.0 : tensor<288x2x128xf32>
    gemma.rope(%q, %positions, %t) {base = 1.0e4, …}
    ```
  }];
  let options = [
    Option<"positions", "positions", "int64_t", "0",
           "Positions that a table covers. 0, the default, takes the context "
           "from the module's attribute gemma.model.">,
  ];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def PlanEncodings : Pass<"gemma-plan-encodings", "::mlir::ModuleOp"> {
  let summary = "choose an encoding for every weight";
  let description = [{
    A matrix is cut into panels of as many columns as the target's kernels
    compute together, in f32 or bf16; a vector or a table stays row-major f32,
    which holds every value of a checkpoint exactly.

    ```
    gemma.weight @w : tensor<64x64xbf16>
    %0 = gemma.weight_ref @w : tensor<64x64xbf16>
      ==>
    gemma.weight @w : tensor<64x64xbf16> as #gemma.encoding<bf16, panel = 16>
    %0 = gemma.weight_ref @w
        : !gemma.packed<64x64, #gemma.encoding<bf16, panel = 16>>
    ```
  }];
  let options = [
    Option<"weights", "weights", "std::string", "\"\"",
           "f32 or bf16. Empty, the default, takes the choice from the "
           "module's attribute gemma.options.">,
  ];
  let dependentDialects = ["::mlir::gemma::GemmaDialect"];
}

def RoundMatmulInputs : Pass<"gemma-round-matmul-inputs", "::mlir::ModuleOp"> {
  let summary = "give bf16 matmuls bf16 rows";
  let description = [{
    Where all users of a row are such matmuls its producer rounds, once;
    elsewhere an arith.truncf does.

    ```
    %y = gemma.rms_norm(%x, %n) {…} : (…) -> tensor<?x64xf32>
    %z = gemma.linear(%y, %w)
        : (tensor<?x64xf32>, !gemma.packed<64x64, #gemma.encoding<bf16, …>>) -> …
      ==>
    %y = gemma.rms_norm(%x, %n) {…} : (…) -> tensor<?x64xbf16>
    %z = gemma.linear(%y, %w)
        : (tensor<?x64xbf16>, !gemma.packed<64x64, #gemma.encoding<bf16, …>>) -> …
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

def VerifyPack : Pass<"gemma-verify-pack", "::mlir::ModuleOp"> {
  let summary = "state what may remain after phase pack";
  let description = [{
    Read-only. As after phase fuse, and every weight has an encoding, every
    rope a table, every matmul rows of the type that its encoding takes.
  }];
}

#endif // GEMMA_COMPILER_PACK_PASSES
