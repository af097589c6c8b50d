// RUN: gemma-opt %s --gemma-fuse-lm-head | FileCheck %s

!rows = tensor<?x64xf32>
!l = tensor<?x128xf32>
!w = tensor<128x64xf32>
!i = tensor<?xi32>

// CHECK-LABEL: func.func @head
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[I:.*]]: tensor<?xi32>, %[[N:.*]]: tensor<64xf32>, %[[W:.*]]: tensor<128x64xf32>)
func.func @head(%x: !rows, %i: !i, %n: tensor<64xf32>, %w: !w) -> !l {
  // CHECK-NEXT: %[[L:.*]] = gemma.lm_head x(%[[X]]) norm(%[[N]]) of(%[[I]]) weight(%[[W]]) {epsilon = 1.000000e-03 : f64, unit_offset = true}
  // CHECK-NEXT: return %[[L]]
  %s = gemma.select_rows(%x, %i) : (!rows, !i) -> !rows
  %y = gemma.rms_norm(%s, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!rows, tensor<64xf32>) -> !rows
  %l = gemma.linear(%y, %w) : (!rows, !w) -> !l
  return %l : !l
}

// CHECK-LABEL: func.func @with_softcap
func.func @with_softcap(%x: !rows, %i: !i, %w: !w) -> !l {
  // CHECK-NEXT: %[[L:.*]] = gemma.lm_head x(%{{.*}}) of(%{{.*}}) weight(%{{.*}}) {cap = 3.000000e+01 : f64, epsilon = 1.000000e-03 : f64}
  // CHECK-NEXT: return %[[L]]
  %s = gemma.select_rows(%x, %i) : (!rows, !i) -> !rows
  %y = gemma.rms_norm(%s) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %l = gemma.linear(%y, %w) : (!rows, !w) -> !l
  %c = gemma.softcap(%l) {cap = 30.0 : f64} : (!l) -> !l
  return %c : !l
}

// The softcap stays where the logits are read without it, too.
// CHECK-LABEL: func.func @logits_are_read
func.func @logits_are_read(%x: !rows, %i: !i, %w: !w) -> (!l, !l) {
  // CHECK-NEXT: %[[L:.*]] = gemma.lm_head x(%{{.*}}) of(%{{.*}}) weight(%{{.*}}) {epsilon = 1.000000e-03 : f64}
  // CHECK-NEXT: gemma.softcap(%[[L]])
  %s = gemma.select_rows(%x, %i) : (!rows, !i) -> !rows
  %y = gemma.rms_norm(%s) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %l = gemma.linear(%y, %w) : (!rows, !w) -> !l
  %c = gemma.softcap(%l) {cap = 30.0 : f64} : (!l) -> !l
  return %l, %c : !l, !l
}

// CHECK-LABEL: func.func @rows_are_read
// CHECK-NOT: gemma.lm_head
func.func @rows_are_read(%x: !rows, %i: !i, %w: !w) -> (!l, !rows) {
  // CHECK: gemma.select_rows
  %s = gemma.select_rows(%x, %i) : (!rows, !i) -> !rows
  %y = gemma.rms_norm(%s) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %l = gemma.linear(%y, %w) : (!rows, !w) -> !l
  return %l, %s : !l, !rows
}

// CHECK-LABEL: func.func @norm_is_read
// CHECK-NOT: gemma.lm_head
func.func @norm_is_read(%x: !rows, %i: !i, %w: !w) -> (!l, !rows) {
  // CHECK: gemma.select_rows
  %s = gemma.select_rows(%x, %i) : (!rows, !i) -> !rows
  %y = gemma.rms_norm(%s) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %l = gemma.linear(%y, %w) : (!rows, !w) -> !l
  return %l, %y : !l, !rows
}

// CHECK-LABEL: func.func @no_norm
// CHECK-NOT: gemma.lm_head
func.func @no_norm(%x: !rows, %i: !i, %w: !w) -> !l {
  // CHECK: gemma.select_rows
  %s = gemma.select_rows(%x, %i) : (!rows, !i) -> !rows
  %l = gemma.linear(%s, %w) : (!rows, !w) -> !l
  return %l : !l
}

// CHECK-LABEL: func.func @norm_of_heads
// CHECK-NOT: gemma.lm_head
func.func @norm_of_heads(%x: !rows, %i: !i, %w: !w) -> !l {
  // CHECK: gemma.select_rows
  %s = gemma.select_rows(%x, %i) : (!rows, !i) -> !rows
  %y = gemma.rms_norm(%s) {epsilon = 1.0e-3 : f64, group_size = 16 : i64} : (!rows) -> !rows
  %l = gemma.linear(%y, %w) : (!rows, !w) -> !l
  return %l : !l
}

// A norm before the selection is the norm of all rows.
// CHECK-LABEL: func.func @norm_before_selection
// CHECK-NOT: gemma.lm_head
func.func @norm_before_selection(%x: !rows, %i: !i, %w: !w) -> !l {
  // CHECK: gemma.select_rows
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %s = gemma.select_rows(%y, %i) : (!rows, !i) -> !rows
  %l = gemma.linear(%s, %w) : (!rows, !w) -> !l
  return %l : !l
}
