// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %positions: tensor<?xi32>)
    -> tensor<?x64xf32> {
  // CHECK: gemma.rope(%{{.*}}, %{{.*}}) {base = 1.000000e+04 : f64, head_dim = 16 : i64, position_scale = 1.000000e+00 : f64, rotated = 8 : i64} : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 8 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<512x64xf32>, %positions: memref<512xi32>,
    %table: !gemma.packed<288x2x8, #gemma.encoding<f32, panel = 0>>,
    %out: memref<512x64xf32>, %rows: index) {
  // CHECK: gemma.rope(%{{.*}}, %{{.*}}, %{{.*}}) into(%{{.*}}) rows(%{{.*}}) {{.*}} : (memref<512x64xf32>, memref<512xi32>, !gemma.packed<288x2x8, #gemma.encoding<f32, panel = 0>>, memref<512x64xf32>, index) -> ()
  gemma.rope(%x, %positions, %table) into(%out) rows(%rows)
      {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64,
       position_scale = 1.0 : f64}
      : (memref<512x64xf32>, memref<512xi32>,
         !gemma.packed<288x2x8, #gemma.encoding<f32, panel = 0>>,
         memref<512x64xf32>, index) -> ()
  return
}
