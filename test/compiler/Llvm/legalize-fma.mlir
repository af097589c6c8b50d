// RUN: gemma-opt %s --split-input-file --gemma-legalize-fma | FileCheck %s

// CHECK-LABEL: llvm.func @fused
// CHECK: llvm.intr.fma(
// CHECK: llvm.intr.fma(
// CHECK-NOT: fmuladd
module attributes {gemma.options = {weights = "f32", max_rows = 4 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = ["fma"], stub = false}} {
  module @kernels {
    llvm.func @fused(%a: vector<8xf32>, %b: f32) -> f32 {
      %0 = llvm.intr.fmuladd(%a, %a, %a) : (vector<8xf32>, vector<8xf32>, vector<8xf32>) -> vector<8xf32>
      %1 = llvm.intr.fma(%b, %b, %b) : (f32, f32, f32) -> f32
      llvm.return %1 : f32
    }
  }
}

// -----

// CHECK-LABEL: llvm.func @rounded_product
// CHECK-SAME: (%[[A:.*]]: f32, %[[B:.*]]: f32, %[[C:.*]]: f32)
// CHECK: %[[PRODUCT:.*]] = llvm.fmul %[[A]], %[[B]] : f32
// CHECK: llvm.fadd %[[PRODUCT]], %[[C]] : f32
// CHECK: llvm.fmul
// CHECK-NOT: llvm.intr
module attributes {gemma.options = {weights = "f32", max_rows = 4 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = ["sse3"], stub = false}} {
  module @kernels {
    llvm.func @rounded_product(%a: f32, %b: f32, %c: f32) -> f32 {
      %0 = llvm.intr.fma(%a, %b, %c) : (f32, f32, f32) -> f32
      %1 = llvm.intr.fmuladd(%0, %b, %c) : (f32, f32, f32) -> f32
      llvm.return %1 : f32
    }
  }
}
