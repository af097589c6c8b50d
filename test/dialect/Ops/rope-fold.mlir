// RUN: gemma-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: @nothing_rotated
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>,
func.func @nothing_rotated(%x: tensor<?x64xf32>, %positions: tensor<?xi32>)
    -> tensor<?x64xf32> {
  // CHECK-NOT: gemma.rope
  // CHECK: return %[[X]]
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 0 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @rotated
func.func @rotated(%x: tensor<?x64xf32>, %positions: tensor<?xi32>)
    -> tensor<?x64xf32> {
  // CHECK: gemma.rope
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 2 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// The types differ: x is no value for the users of the result.
// CHECK-LABEL: @static_result
func.func @static_result(%x: tensor<?x64xf32>, %positions: tensor<?xi32>)
    -> tensor<4x64xf32> {
  // CHECK: gemma.rope
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 0 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<4x64xf32>
  return %y : tensor<4x64xf32>
}

// In the buffer form the copy is still to be made.
// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<512x64xf32>, %positions: memref<512xi32>,
    %out: memref<512x64xf32>, %rows: index) {
  // CHECK: gemma.rope
  gemma.rope(%x, %positions) into(%out) rows(%rows)
      {head_dim = 16 : i64, rotated = 0 : i64, base = 1.0e4 : f64,
       position_scale = 1.0 : f64}
      : (memref<512x64xf32>, memref<512xi32>, memref<512x64xf32>, index) -> ()
  return
}
