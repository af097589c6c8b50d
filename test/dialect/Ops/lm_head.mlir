// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!w = !gemma.packed<512x64, #gemma.encoding<q8_0, panel = 16>>

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %i: tensor<?xi32>,
    %w: tensor<512x64xf32>) -> tensor<?x512xf32> {
  // CHECK: gemma.lm_head x(%{{.*}}) norm(%{{.*}}) of(%{{.*}}) weight(%{{.*}}) {cap = 3.000000e+01 : f64, epsilon = 1.000000e-03 : f64, unit_offset = true}
  %0 = gemma.lm_head x(%x) norm(%n) of(%i) weight(%w) {epsilon = 1.0e-3 : f64,
      unit_offset = true, cap = 30.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?xi32>, tensor<512x64xf32>)
        -> tensor<?x512xf32>
  return %0 : tensor<?x512xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<8x64xf32>, %p: memref<8x80xi8>, %i: memref<8xi32>,
    %w: !w, %out: memref<8x512xf32>, %rows: index) {
  // CHECK: gemma.lm_head x(%{{.*}}) packed(%{{.*}}) of(%{{.*}}) weight(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {epsilon
  gemma.lm_head x(%x) packed(%p) of(%i) weight(%w) into(%out) rows(%rows)
      {epsilon = 1.0e-3 : f64}
      : (memref<8x64xf32>, memref<8x80xi8>, memref<8xi32>, !w,
         memref<8x512xf32>, index) -> ()
  return
}
