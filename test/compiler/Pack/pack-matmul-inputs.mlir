// RUN: gemma-opt %s --gemma-pack-matmul-inputs | FileCheck %s

!rows = tensor<?x64xf32>
!out = tensor<?x32xf32>
!i = tensor<?xi32>
!n = !gemma.packed<64, #gemma.encoding<f32, panel = 0>>
!f32 = !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>
!f16 = !gemma.packed<32x64, #gemma.encoding<f16, panel = 16>>
!bf16 = !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>
!q8 = !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>
!q4 = !gemma.packed<32x64, #gemma.encoding<q4_0, panel = 16>>
!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>

gemma.weight @norm : tensor<64xf32> as #gemma.encoding<f32, panel = 0>

// CHECK-LABEL: func.func @linear_of_floats
// CHECK-NOT: gemma.pack_rows
func.func @linear_of_floats(%x: !rows, %w: !f32, %v: !f16) -> (!out, !out) {
  // CHECK: gemma.linear(%{{.*}}, %{{.*}}) : (tensor<?x64xf32>,
  // CHECK: gemma.linear(%{{.*}}, %{{.*}}) : (tensor<?x64xf32>,
  %0 = gemma.linear(%x, %w) : (!rows, !f32) -> !out
  %1 = gemma.linear(%x, %v) : (!rows, !f16) -> !out
  return %0, %1 : !out, !out
}

// One packed form for every kind, whoever reads it.
// CHECK-LABEL: func.func @kinds
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[W0:.*]]: !gemma.packed<{{.*}}>, %[[W1:.*]]: !gemma.packed<{{.*}}>, %[[W2:.*]]: !gemma.packed<{{.*}}>, %[[R:[^:]*]]: tensor<?x32xf32>)
func.func @kinds(%x: !rows, %a: !bf16, %b: !q8, %c: !q4, %r: !out) -> (!out, !out, !out, !out, !out) {
  // CHECK-NEXT: %[[P0:.*]] = gemma.pack_rows(%[[X]]) {kind = #gemma.kind<bf16>} : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  // CHECK-NEXT: gemma.linear(%[[P0]], %[[W0]])
  // CHECK-NEXT: %[[P1:.*]] = gemma.pack_rows(%[[X]]) {kind = #gemma.kind<q8_0>} : (tensor<?x64xf32>) -> tensor<?x80xi8>
  // CHECK-NEXT: gemma.linear(%[[P1]], %[[W1]])
  // CHECK-NEXT: %[[P2:.*]] = gemma.pack_rows(%[[X]]) {kind = #gemma.kind<q4_0>} : (tensor<?x64xf32>) -> tensor<?x80xi8>
  // CHECK-NEXT: gemma.linear(%[[P2]], %[[W2]])
  // CHECK-NEXT: gemma.linear(%[[P1]], %[[W1]])
  // CHECK-NEXT: gemma.linear_residual(%[[P2]], %[[W2]]) residual(%[[R]])
  %0 = gemma.linear(%x, %a) : (!rows, !bf16) -> !out
  %1 = gemma.linear(%x, %b) : (!rows, !q8) -> !out
  %2 = gemma.linear(%x, %c) : (!rows, !q4) -> !out
  %3 = gemma.linear(%x, %b) : (!rows, !q8) -> !out
  %4 = gemma.linear_residual(%x, %c) residual(%r) : (!rows, !q4, !out) -> !out
  return %0, %1, %2, %3, %4 : !out, !out, !out, !out, !out
}

// Ops with a norm read packed rows of every kind, f32 too.
// CHECK-LABEL: func.func @norm_linear
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[N:.*]]: !gemma.packed<{{.*}}>, %[[W:.*]]: !gemma.packed<
func.func @norm_linear(%x: !rows, %n: !n, %w: !f32) -> !out {
  // CHECK-NEXT: %[[P:.*]] = gemma.pack_rows(%[[X]], %[[N]]) {kind = #gemma.kind<f32>, unit_offset = true} : ({{.*}}) -> tensor<?x64xf32>
  // CHECK-NEXT: gemma.norm_linear x(%[[X]]) packed(%[[P]]) weights(%[[W]]) {epsilon = 1.000000e-03 : f64} :
  %0 = gemma.norm_linear x(%x) norm(%n) weights(%w) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!rows, !n, !f32) -> !out
  return %0 : !out
}

// CHECK-LABEL: func.func @norm_without_weight
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[W:.*]]: !gemma.packed<
func.func @norm_without_weight(%x: !rows, %w: !q8) -> !out {
  // CHECK-NEXT: %[[P:.*]] = gemma.pack_rows(%[[X]]) {kind = #gemma.kind<q8_0>} : (tensor<?x64xf32>) -> tensor<?x80xi8>
  // CHECK-NEXT: gemma.norm_linear x(%[[X]]) packed(%[[P]]) weights(%[[W]])
  %0 = gemma.norm_linear x(%x) weights(%w) {epsilon = 1.0e-3 : f64} : (!rows, !q8) -> !out
  return %0 : !out
}

// The other ops with a norm. Two references to one weight are one norm; without
// its offset it is another.
// CHECK-LABEL: func.func @other_ops
func.func @other_ops(%x: !rows, %q: !q4, %c: !cache, %p: !i, %s: !i, %w: !q8) -> (!out, !out, !out, !out) {
  // CHECK: %[[N:.*]] = gemma.weight_ref @norm
  // CHECK: %[[P4:.*]] = gemma.pack_rows(%[[X:.*]], %[[N]]) {kind = #gemma.kind<q4_0>, unit_offset = true}
  // CHECK-NEXT: gemma.norm_qkv x(%[[X]]) packed(%[[P4]]) weights(
  %n = gemma.weight_ref @norm : !n
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %q, %q) cache(%c) at(%p, %s) {epsilon = 1.0e-3 : f64, unit_offset = true, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (!rows, !n, !q4, !q4, !q4, !cache, !i, !i) -> !out
  // CHECK-NOT: gemma.pack_rows
  // CHECK: gemma.norm_geglu x(%[[X]]) packed(%[[P4]]) gate(
  %m = gemma.weight_ref @norm : !n
  %1 = gemma.norm_geglu x(%x) norm(%m) gate(%q) up(%q) {epsilon = 1.0e-3 : f64, unit_offset = true, gelu = #gemma.gelu<tanh>} : (!rows, !n, !q4, !q4) -> !out
  // CHECK-NEXT: %[[P8:.*]] = gemma.pack_rows(%[[X]], %{{.*}}) {kind = #gemma.kind<q8_0>, unit_offset = true}
  // CHECK-NEXT: gemma.lm_head x(%[[X]]) packed(%[[P8]]) of(
  %2 = gemma.lm_head x(%x) norm(%m) of(%p) weight(%w) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!rows, !n, !i, !q8) -> !out
  // CHECK-NEXT: %[[Q8:.*]] = gemma.pack_rows(%[[X]], %{{.*}}) {kind = #gemma.kind<q8_0>}
  // CHECK-NEXT: gemma.lm_head x(%[[X]]) packed(%[[Q8]]) of(
  %3 = gemma.lm_head x(%x) norm(%m) of(%p) weight(%w) {epsilon = 1.0e-3 : f64} : (!rows, !n, !i, !q8) -> !out
  return %0, %1, %2, %3 : !out, !out, !out, !out
}

// Weights without an encoding, and rows that are packed.
// CHECK-LABEL: func.func @nothing_to_do
// CHECK-NOT: gemma.pack_rows
func.func @nothing_to_do(%x: !rows, %w: tensor<32x64xf32>, %p: tensor<?x80xi8>, %q: !q8) -> (!out, !out, !out) {
  // CHECK: return
  %0 = gemma.linear(%x, %w) : (!rows, tensor<32x64xf32>) -> !out
  %1 = gemma.linear(%p, %q) : (tensor<?x80xi8>, !q8) -> !out
  %2 = gemma.norm_linear x(%x) packed(%p) weights(%q) {epsilon = 1.0e-3 : f64} : (!rows, tensor<?x80xi8>, !q8) -> !out
  return %0, %1, %2 : !out, !out, !out
}
