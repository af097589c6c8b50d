// RUN: gemma-opt %s --gemma-fuse-norm-geglu | FileCheck %s

!rows = tensor<?x64xf32>
!h = tensor<?x32xf32>
!w = tensor<32x64xf32>

// CHECK-LABEL: func.func @feed_forward
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[N:.*]]: tensor<64xf32>, %[[G:.*]]: tensor<32x64xf32>, %[[U:.*]]: tensor<32x64xf32>)
func.func @feed_forward(%x: !rows, %n: tensor<64xf32>, %wg: !w, %wu: !w) -> !h {
  // CHECK-NEXT: %[[H:.*]] = gemma.norm_geglu x(%[[X]]) norm(%[[N]]) gate(%[[G]]) up(%[[U]]) {epsilon = 1.000000e-03 : f64, gelu = #gemma.gelu<erf>, unit_offset = true}
  // CHECK-NEXT: return %[[H]]
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!rows, tensor<64xf32>) -> !rows
  // The order of the matmuls does not matter, that of the geglu's operands
  // does.
  %u = gemma.linear(%y, %wu) : (!rows, !w) -> !h
  %g = gemma.linear(%y, %wg) : (!rows, !w) -> !h
  %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<erf>} : (!h, !h) -> !h
  return %h : !h
}

// CHECK-LABEL: func.func @gate_is_read
// CHECK-NOT: gemma.norm_geglu
func.func @gate_is_read(%x: !rows, %wg: !w, %wu: !w) -> (!h, !h) {
  // CHECK: gemma.geglu
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %g = gemma.linear(%y, %wg) : (!rows, !w) -> !h
  %u = gemma.linear(%y, %wu) : (!rows, !w) -> !h
  %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : (!h, !h) -> !h
  return %h, %g : !h, !h
}

// CHECK-LABEL: func.func @norm_is_read
// CHECK-NOT: gemma.norm_geglu
func.func @norm_is_read(%x: !rows, %wg: !w, %wu: !w) -> (!h, !rows) {
  // CHECK: gemma.geglu
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %g = gemma.linear(%y, %wg) : (!rows, !w) -> !h
  %u = gemma.linear(%y, %wu) : (!rows, !w) -> !h
  %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : (!h, !h) -> !h
  return %h, %y : !h, !rows
}

// Both hidden values are one: it is read twice.
// CHECK-LABEL: func.func @one_linear
// CHECK-NOT: gemma.norm_geglu
func.func @one_linear(%x: !rows, %w: !w) -> !h {
  // CHECK: gemma.geglu
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %g = gemma.linear(%y, %w) : (!rows, !w) -> !h
  %h = gemma.geglu(%g, %g) {gelu = #gemma.gelu<tanh>} : (!h, !h) -> !h
  return %h : !h
}

// CHECK-LABEL: func.func @weights_differ
// CHECK-NOT: gemma.norm_geglu
func.func @weights_differ(%x: !rows, %wg: !w, %wu: tensor<32x64xbf16>) -> !h {
  // CHECK: gemma.geglu
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %g = gemma.linear(%y, %wg) : (!rows, !w) -> !h
  %u = gemma.linear(%y, %wu) : (!rows, tensor<32x64xbf16>) -> !h
  %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : (!h, !h) -> !h
  return %h : !h
}

// CHECK-LABEL: func.func @two_norms
// CHECK-NOT: gemma.norm_geglu
func.func @two_norms(%x: !rows, %wg: !w, %wu: !w) -> !h {
  // CHECK: gemma.geglu
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %z = gemma.rms_norm(%x) {epsilon = 1.0e-2 : f64} : (!rows) -> !rows
  %g = gemma.linear(%y, %wg) : (!rows, !w) -> !h
  %u = gemma.linear(%z, %wu) : (!rows, !w) -> !h
  %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : (!h, !h) -> !h
  return %h : !h
}

// CHECK-LABEL: func.func @no_norm
// CHECK-NOT: gemma.norm_geglu
func.func @no_norm(%x: !rows, %wg: !w, %wu: !w) -> !h {
  // CHECK: gemma.geglu
  %g = gemma.linear(%x, %wg) : (!rows, !w) -> !h
  %u = gemma.linear(%x, %wu) : (!rows, !w) -> !h
  %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : (!h, !h) -> !h
  return %h : !h
}

// CHECK-LABEL: func.func @norm_of_heads
// CHECK-NOT: gemma.norm_geglu
func.func @norm_of_heads(%x: !rows, %wg: !w, %wu: !w) -> !h {
  // CHECK: gemma.geglu
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64, group_size = 16 : i64} : (!rows) -> !rows
  %g = gemma.linear(%y, %wg) : (!rows, !w) -> !h
  %u = gemma.linear(%y, %wu) : (!rows, !w) -> !h
  %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : (!h, !h) -> !h
  return %h : !h
}
