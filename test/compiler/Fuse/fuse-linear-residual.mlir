// RUN: gemma-opt %s --gemma-fuse-linear-residual | FileCheck %s

!x = tensor<?x128xf32>
!r = tensor<?x64xf32>
!w = tensor<64x128xf32>

// CHECK-LABEL: func.func @residual_first
// CHECK-SAME: (%[[X:.*]]: tensor<?x128xf32>, %[[W:.*]]: tensor<64x128xf32>, %[[R:.*]]: tensor<?x64xf32>)
func.func @residual_first(%x: !x, %w: !w, %r: !r) -> !r {
  // CHECK-NEXT: %[[Z:.*]] = gemma.linear_residual(%[[X]], %[[W]]) residual(%[[R]])
  // CHECK-NEXT: return %[[Z]]
  %y = gemma.linear(%x, %w) : (!x, !w) -> !r
  %z = arith.addf %r, %y : !r
  return %z : !r
}

// CHECK-LABEL: func.func @residual_last
// CHECK-SAME: (%[[X:.*]]: tensor<?x128xf32>, %[[W:.*]]: tensor<64x128xf32>, %[[R:.*]]: tensor<?x64xf32>)
func.func @residual_last(%x: !x, %w: !w, %r: !r) -> !r {
  // CHECK-NEXT: gemma.linear_residual(%[[X]], %[[W]]) residual(%[[R]])
  %y = gemma.linear(%x, %w) : (!x, !w) -> !r
  %z = arith.addf %y, %r : !r
  return %z : !r
}

// One of them is a residual to the other.
// CHECK-LABEL: func.func @two_linears
// CHECK-SAME: (%[[X:.*]]: tensor<?x128xf32>, %[[W:.*]]: tensor<64x128xf32>, %[[V:.*]]: tensor<64x128xf32>)
func.func @two_linears(%x: !x, %w: !w, %v: !w) -> !r {
  // CHECK-NEXT: %[[Y:.*]] = gemma.linear(%[[X]], %[[W]])
  // CHECK-NEXT: gemma.linear_residual(%[[X]], %[[V]]) residual(%[[Y]])
  %y = gemma.linear(%x, %w) : (!x, !w) -> !r
  %z = gemma.linear(%x, %v) : (!x, !w) -> !r
  %s = arith.addf %y, %z : !r
  return %s : !r
}

// CHECK-LABEL: func.func @product_is_read
// CHECK-NOT: gemma.linear_residual
func.func @product_is_read(%x: !x, %w: !w, %r: !r) -> (!r, !r) {
  // CHECK: arith.addf
  %y = gemma.linear(%x, %w) : (!x, !w) -> !r
  %z = arith.addf %r, %y : !r
  return %z, %y : !r, !r
}

// CHECK-LABEL: func.func @doubled
// CHECK-NOT: gemma.linear_residual
func.func @doubled(%x: !x, %w: !w) -> !r {
  // CHECK: arith.addf
  %y = gemma.linear(%x, %w) : (!x, !w) -> !r
  %z = arith.addf %y, %y : !r
  return %z : !r
}

// CHECK-LABEL: func.func @no_linear
// CHECK-NOT: gemma.linear_residual
func.func @no_linear(%x: !r, %r: !r) -> !r {
  // CHECK: arith.addf
  %z = arith.addf %r, %x : !r
  return %z : !r
}

// The sum may be taken another way.
// CHECK-LABEL: func.func @fast_math
// CHECK-NOT: gemma.linear_residual
func.func @fast_math(%x: !x, %w: !w, %r: !r) -> !r {
  // CHECK: arith.addf
  %y = gemma.linear(%x, %w) : (!x, !w) -> !r
  %z = arith.addf %r, %y fastmath<reassoc> : !r
  return %z : !r
}

// CHECK-LABEL: func.func @subtraction
// CHECK-NOT: gemma.linear_residual
func.func @subtraction(%x: !x, %w: !w, %r: !r) -> !r {
  // CHECK: arith.subf
  %y = gemma.linear(%x, %w) : (!x, !w) -> !r
  %z = arith.subf %r, %y : !r
  return %z : !r
}
