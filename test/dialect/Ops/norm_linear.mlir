// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!w = !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>
!v = !gemma.packed<16x64, #gemma.encoding<q8_0, panel = 16>>

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %n: tensor<64xbf16>,
    %a: tensor<32x64xbf16>, %b: tensor<16x64xbf16>) -> (tensor<?x32xf32>,
    tensor<?x16xf32>) {
  // CHECK: gemma.norm_linear x(%{{.*}}) norm(%{{.*}}) weights(%{{.*}}, %{{.*}}) {epsilon = 1.000000e-03 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xbf16>, tensor<32x64xbf16>, tensor<16x64xbf16>) -> (tensor<?x32xf32>, tensor<?x16xf32>)
  %0, %1 = gemma.norm_linear x(%x) norm(%n) weights(%a, %b)
      {epsilon = 1.0e-3 : f64, unit_offset = true}
      : (tensor<?x64xf32>, tensor<64xbf16>, tensor<32x64xbf16>,
         tensor<16x64xbf16>) -> (tensor<?x32xf32>, tensor<?x16xf32>)
  return %0, %1 : tensor<?x32xf32>, tensor<?x16xf32>
}

// CHECK-LABEL: @no_norm_weight
func.func @no_norm_weight(%x: tensor<?x64xf32>, %a: tensor<32x64xbf16>)
    -> tensor<?x32xf32> {
  // CHECK: gemma.norm_linear x(%{{.*}}) weights(%{{.*}}) {epsilon = 0.000000e+00 : f64} :
  %0 = gemma.norm_linear x(%x) weights(%a) {epsilon = 0.0 : f64}
      : (tensor<?x64xf32>, tensor<32x64xbf16>) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// CHECK-LABEL: @packed_rows
func.func @packed_rows(%x: tensor<?x64xf32>, %p: tensor<?x80xi8>, %a: !w,
    %b: !v) -> (tensor<?x32xf32>, tensor<?x16xf32>) {
  // CHECK: gemma.norm_linear x(%{{.*}}) packed(%{{.*}}) weights(%{{.*}}, %{{.*}}) {
  %0, %1 = gemma.norm_linear x(%x) packed(%p) weights(%a, %b)
      {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<?x80xi8>, !w, !v)
        -> (tensor<?x32xf32>, tensor<?x16xf32>)
  return %0, %1 : tensor<?x32xf32>, tensor<?x16xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<512x64xf32>, %p: memref<512x80xi8>, %a: !w,
    %b: !v, %out0: memref<512x32xf32>, %out1: memref<512x16xf32>,
    %rows: index) {
  // CHECK: gemma.norm_linear x(%{{.*}}) packed(%{{.*}}) weights(%{{.*}}, %{{.*}}) into(%{{.*}}, %{{.*}}) rows(%{{.*}}) {
  gemma.norm_linear x(%x) packed(%p) weights(%a, %b) into(%out0, %out1)
      rows(%rows) {epsilon = 1.0e-6 : f64}
      : (memref<512x64xf32>, memref<512x80xi8>, !w, !v, memref<512x32xf32>,
         memref<512x16xf32>, index) -> ()
  return
}
