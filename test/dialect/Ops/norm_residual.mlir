// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!n = !gemma.packed<64, #gemma.encoding<f32, panel = 0>>
!x = tensor<?x64xf32>

// CHECK-LABEL: @tensors
func.func @tensors(%x: !x, %w: tensor<64xf32>, %r: !x) -> !x {
  // CHECK: gemma.norm_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) {epsilon = 1.000000e-03 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %0 = gemma.norm_residual(%x, %w) residual(%r)
      {epsilon = 1.0e-3 : f64, unit_offset = true}
      : (!x, tensor<64xf32>, !x) -> !x
  return %0 : !x
}

// CHECK-LABEL: @no_weight
func.func @no_weight(%x: !x, %r: !x) -> !x {
  // CHECK: gemma.norm_residual(%{{.*}}) residual(%{{.*}}) {epsilon = 0.000000e+00 : f64}
  %0 = gemma.norm_residual(%x) residual(%r) {epsilon = 0.0 : f64}
      : (!x, !x) -> !x
  return %0 : !x
}

// CHECK-LABEL: @two_results
func.func @two_results(%x: !x, %w: !n, %r: !x, %n: !n)
    -> (!x, tensor<?x80xi8>) {
  // CHECK: gemma.norm_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) pack(%{{.*}}) {epsilon = 1.000000e-03 : f64, kind = #gemma.kind<q4_0>, pack_unit_offset = true, unit_offset = true} :
  %0, %1 = gemma.norm_residual(%x, %w) residual(%r) pack(%n)
      {epsilon = 1.0e-3 : f64, unit_offset = true, pack_unit_offset = true,
      kind = #gemma.kind<q4_0>}
      : (!x, !n, !x, !n) -> (!x, tensor<?x80xi8>)
  return %0, %1 : !x, tensor<?x80xi8>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<8x64xf32>, %w: !n, %r: memref<8x64xf32>,
    %out0: memref<8x64xf32>, %out1: memref<8x64xbf16>, %rows: index) {
  // CHECK: gemma.norm_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) into(%{{.*}}, %{{.*}}) rows(%{{.*}}) {epsilon = 1.000000e-03 : f64, kind = #gemma.kind<bf16>} :
  gemma.norm_residual(%x, %w) residual(%r) into(%out0, %out1) rows(%rows)
      {epsilon = 1.0e-3 : f64, kind = #gemma.kind<bf16>}
      : (memref<8x64xf32>, !n, memref<8x64xf32>, memref<8x64xf32>,
         memref<8x64xbf16>, index) -> ()
  return
}
