// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %w: tensor<64xbf16>)
    -> tensor<?x64xbf16> {
  // CHECK: gemma.rms_norm(%{{.*}}, %{{.*}}) {epsilon = {{.*}} : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xbf16>
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-6 : f64, unit_offset = true}
      : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xbf16>
  return %y : tensor<?x64xbf16>
}

// CHECK-LABEL: @per_head
func.func @per_head(%x: tensor<?x64xf32>, %w: tensor<16xbf16>)
    -> tensor<?x64xf32> {
  // CHECK: gemma.rms_norm(%{{.*}}, %{{.*}}) {epsilon = {{.*}} : f64, group_size = 16 : i64}
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-6 : f64, group_size = 16 : i64}
      : (tensor<?x64xf32>, tensor<16xbf16>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @no_weight
func.func @no_weight(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: gemma.rms_norm(%{{[a-z0-9]+}}) {epsilon = 0.000000e+00 : f64} : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = gemma.rms_norm(%x) {epsilon = 0.0 : f64}
      : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<512x64xf32>,
    %w: !gemma.packed<64, #gemma.encoding<f32, panel = 0>>,
    %out: memref<512x64xbf16>, %rows: index) {
  // CHECK: gemma.rms_norm(%{{.*}}, %{{.*}}) into(%{{.*}}) rows(%{{.*}}) {{.*}} : (memref<512x64xf32>, !gemma.packed<64, #gemma.encoding<f32, panel = 0>>, memref<512x64xbf16>, index) -> ()
  gemma.rms_norm(%x, %w) into(%out) rows(%rows) {epsilon = 1.0e-6 : f64}
      : (memref<512x64xf32>, !gemma.packed<64, #gemma.encoding<f32, panel = 0>>,
         memref<512x64xbf16>, index) -> ()
  return
}
