// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!w = !gemma.packed<64x256, #gemma.encoding<q4_0, panel = 16>>
!n = !gemma.packed<64, #gemma.encoding<f32, panel = 0>>

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: gemma.linear_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %0 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>)
        -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// CHECK-LABEL: @two_results
func.func @two_results(%x: tensor<?x320xi8>, %w: !w, %r: tensor<?x64xf32>,
    %n: !n) -> (tensor<?x64xf32>, tensor<?x80xi8>) {
  // CHECK: gemma.linear_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) norm(%{{.*}}) {kind = #gemma.kind<q4_0>, unit_offset = true} :
  %0, %1 = gemma.linear_residual(%x, %w) residual(%r) norm(%n)
      {kind = #gemma.kind<q4_0>, unit_offset = true}
      : (tensor<?x320xi8>, !w, tensor<?x64xf32>, !n)
        -> (tensor<?x64xf32>, tensor<?x80xi8>)
  return %0, %1 : tensor<?x64xf32>, tensor<?x80xi8>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<8x320xi8>, %w: !w, %r: memref<8x64xf32>,
    %out0: memref<8x64xf32>, %out1: memref<8x64xbf16>, %rows: index) {
  // CHECK: gemma.linear_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) into(%{{.*}}, %{{.*}}) rows(%{{.*}}) {kind = #gemma.kind<bf16>} :
  gemma.linear_residual(%x, %w) residual(%r) into(%out0, %out1) rows(%rows)
      {kind = #gemma.kind<bf16>}
      : (memref<8x320xi8>, !w, memref<8x64xf32>, memref<8x64xf32>,
         memref<8x64xbf16>, index) -> ()
  return
}
