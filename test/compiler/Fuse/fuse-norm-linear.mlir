// RUN: gemma-opt %s --gemma-fuse-norm-linear | FileCheck %s

!rows = tensor<?x64xf32>
!n = tensor<64xf32>
!w = tensor<32x64xf32>

gemma.weight @a : !w
gemma.weight @b : !w

// CHECK-LABEL: func.func @two_linears_share_norm
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[N:.*]]: tensor<64xf32>, %[[A:.*]]: tensor<32x64xf32>, %[[B:.*]]: tensor<16x64xf32>)
func.func @two_linears_share_norm(%x: !rows, %n: !n, %a: !w, %b: tensor<16x64xf32>) -> (tensor<?x32xf32>, tensor<?x16xf32>) {
  // CHECK-NEXT: %[[Y:.*]]:2 = gemma.norm_linear x(%[[X]]) norm(%[[N]]) weights(%[[A]], %[[B]]) {epsilon = 1.000000e-03 : f64, unit_offset = true}
  // CHECK-NEXT: return %[[Y]]#0, %[[Y]]#1
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!rows, !n) -> !rows
  %0 = gemma.linear(%y, %a) : (!rows, !w) -> tensor<?x32xf32>
  %1 = gemma.linear(%y, %b) : (!rows, tensor<16x64xf32>) -> tensor<?x16xf32>
  return %0, %1 : tensor<?x32xf32>, tensor<?x16xf32>
}

// The reference to the second weight comes before users of the first product.
// CHECK-LABEL: func.func @used_before_the_last_linear
func.func @used_before_the_last_linear(%x: !rows, %n: !n) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK: %[[A:.*]] = gemma.weight_ref @a
  // CHECK: %[[B:.*]] = gemma.weight_ref @b
  // CHECK: %[[Y:.*]]:2 = gemma.norm_linear x(%{{.*}}) norm(%{{.*}}) weights(%[[A]], %[[B]])
  // CHECK: gemma.softcap(%[[Y]]#0)
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64} : (!rows, !n) -> !rows
  %a = gemma.weight_ref @a : !w
  %0 = gemma.linear(%y, %a) : (!rows, !w) -> tensor<?x32xf32>
  %2 = gemma.softcap(%0) {cap = 1.0 : f64} : (tensor<?x32xf32>) -> tensor<?x32xf32>
  %b = gemma.weight_ref @b : !w
  %1 = gemma.linear(%y, %b) : (!rows, !w) -> tensor<?x32xf32>
  return %2, %1 : tensor<?x32xf32>, tensor<?x32xf32>
}

// CHECK-LABEL: func.func @norm_without_weight
func.func @norm_without_weight(%x: !rows, %a: !w) -> tensor<?x32xf32> {
  // CHECK: gemma.norm_linear x(%{{.*}}) weights(%{{.*}}) {epsilon = 1.000000e-03 : f64}
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %0 = gemma.linear(%y, %a) : (!rows, !w) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// The normed rows are needed by themselves.
// CHECK-LABEL: func.func @other_use
// CHECK-NOT: gemma.norm_linear
func.func @other_use(%x: !rows, %n: !n, %a: !w) -> (tensor<?x32xf32>, !rows) {
  // CHECK: gemma.rms_norm
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64} : (!rows, !n) -> !rows
  %0 = gemma.linear(%y, %a) : (!rows, !w) -> tensor<?x32xf32>
  return %0, %y : tensor<?x32xf32>, !rows
}

// Their encodings may read rows in two forms.
// CHECK-LABEL: func.func @other_element
// CHECK-NOT: gemma.norm_linear
func.func @other_element(%x: !rows, %n: !n, %a: !w, %b: tensor<32x64xbf16>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK: gemma.rms_norm
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64} : (!rows, !n) -> !rows
  %0 = gemma.linear(%y, %a) : (!rows, !w) -> tensor<?x32xf32>
  %1 = gemma.linear(%y, %b) : (!rows, tensor<32x64xbf16>) -> tensor<?x32xf32>
  return %0, %1 : tensor<?x32xf32>, tensor<?x32xf32>
}

// A row has several factors.
// CHECK-LABEL: func.func @norm_of_heads
// CHECK-NOT: gemma.norm_linear
func.func @norm_of_heads(%x: !rows, %n: tensor<16xf32>, %a: !w) -> tensor<?x32xf32> {
  // CHECK: gemma.rms_norm
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, group_size = 16 : i64} : (!rows, tensor<16xf32>) -> !rows
  %0 = gemma.linear(%y, %a) : (!rows, !w) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// The norm is the weight of a matmul, not its rows.
// CHECK-LABEL: func.func @norm_is_weight
// CHECK-NOT: gemma.norm_linear
func.func @norm_is_weight(%x: tensor<32x64xf32>, %z: !rows) -> tensor<?x32xf32> {
  // CHECK: gemma.rms_norm
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!w) -> !w
  %0 = gemma.linear(%z, %y) : (!rows, !w) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// A weight that is made behind the norm cannot be read in its place.
// CHECK-LABEL: func.func @computed_weight
// CHECK-NOT: gemma.norm_linear
func.func @computed_weight(%x: !rows, %w: !w) -> tensor<?x32xf32> {
  // CHECK: gemma.rms_norm
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %a = arith.addf %w, %w : !w
  %0 = gemma.linear(%y, %a) : (!rows, !w) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}
