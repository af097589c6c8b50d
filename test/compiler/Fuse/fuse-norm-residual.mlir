// RUN: gemma-opt %s --gemma-fuse-norm-residual | FileCheck %s

!x = tensor<?x64xf32>
!n = tensor<64xf32>

// CHECK-LABEL: func.func @residual_first
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[W:.*]]: tensor<64xf32>, %[[R:.*]]: tensor<?x64xf32>)
func.func @residual_first(%x: !x, %w: !n, %r: !x) -> !x {
  // CHECK-NEXT: %[[Z:.*]] = gemma.norm_residual(%[[X]], %[[W]]) residual(%[[R]]) {epsilon = 1.000000e-03 : f64, unit_offset = true}
  // CHECK-NEXT: return %[[Z]]
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!x, !n) -> !x
  %z = arith.addf %r, %y : !x
  return %z : !x
}

// CHECK-LABEL: func.func @residual_last
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[W:.*]]: tensor<64xf32>, %[[R:.*]]: tensor<?x64xf32>)
func.func @residual_last(%x: !x, %w: !n, %r: !x) -> !x {
  // CHECK-NEXT: gemma.norm_residual(%[[X]], %[[W]]) residual(%[[R]]) {epsilon = 1.000000e-03 : f64}
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-3 : f64} : (!x, !n) -> !x
  %z = arith.addf %y, %r : !x
  return %z : !x
}

// CHECK-LABEL: func.func @no_weight
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[R:.*]]: tensor<?x64xf32>)
func.func @no_weight(%x: !x, %r: !x) -> !x {
  // CHECK-NEXT: gemma.norm_residual(%[[X]]) residual(%[[R]])
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!x) -> !x
  %z = arith.addf %r, %y : !x
  return %z : !x
}

// One of them is a residual to the other.
// CHECK-LABEL: func.func @two_norms
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[W:.*]]: tensor<64xf32>)
func.func @two_norms(%x: !x, %w: !n) -> !x {
  // CHECK-NEXT: %[[Y:.*]] = gemma.rms_norm(%[[X]], %[[W]])
  // CHECK-NEXT: gemma.norm_residual(%[[X]]) residual(%[[Y]])
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-3 : f64} : (!x, !n) -> !x
  %z = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!x) -> !x
  %s = arith.addf %y, %z : !x
  return %s : !x
}

// The normed rows are needed by themselves.
// CHECK-LABEL: func.func @norm_is_read
// CHECK-NOT: gemma.norm_residual
func.func @norm_is_read(%x: !x, %w: !n, %r: !x) -> (!x, !x) {
  // CHECK: arith.addf
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-3 : f64} : (!x, !n) -> !x
  %z = arith.addf %r, %y : !x
  return %z, %y : !x, !x
}

// CHECK-LABEL: func.func @norm_of_parts
// CHECK-NOT: gemma.norm_residual
func.func @norm_of_parts(%x: !x, %w: tensor<32xf32>, %r: !x) -> !x {
  // CHECK: arith.addf
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-3 : f64, group_size = 32 : i64} : (!x, tensor<32xf32>) -> !x
  %z = arith.addf %r, %y : !x
  return %z : !x
}

// The sum may be taken another way.
// CHECK-LABEL: func.func @fast_math
// CHECK-NOT: gemma.norm_residual
func.func @fast_math(%x: !x, %w: !n, %r: !x) -> !x {
  // CHECK: arith.addf
  %y = gemma.rms_norm(%x, %w) {epsilon = 1.0e-3 : f64} : (!x, !n) -> !x
  %z = arith.addf %r, %y fastmath<reassoc> : !x
  return %z : !x
}

// CHECK-LABEL: func.func @no_norm
// CHECK-NOT: gemma.norm_residual
func.func @no_norm(%x: !x, %r: !x) -> !x {
  // CHECK: arith.addf
  %z = arith.addf %r, %x : !x
  return %z : !x
}
