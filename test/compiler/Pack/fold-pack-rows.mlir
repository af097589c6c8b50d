// RUN: gemma-opt %s --gemma-fold-pack-rows | FileCheck %s

!rows = tensor<?x64xf32>
!i8 = tensor<?x80xi8>
!b16 = tensor<?x64xbf16>
!i = tensor<?xi32>
!n = !gemma.packed<64, #gemma.encoding<f32, panel = 0>>
!w = !gemma.packed<64x64, #gemma.encoding<f32, panel = 16>>
!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>

gemma.weight @norm : tensor<64xf32> as #gemma.encoding<f32, panel = 0>

// A second result, by the weight of the norm that reads it.
// CHECK-LABEL: func.func @residual
func.func @residual(%x: !rows, %w: !w, %r: !rows) -> (!rows, !i8) {
  // CHECK: %[[N:.*]] = gemma.weight_ref @norm
  // CHECK-NEXT: %[[Z:.*]]:2 = gemma.linear_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) norm(%[[N]]) {kind = #gemma.kind<q4_0>, unit_offset = true}
  // CHECK-NEXT: return %[[Z]]#0, %[[Z]]#1
  %z = gemma.linear_residual(%x, %w) residual(%r) : (!rows, !w, !rows) -> !rows
  %n = gemma.weight_ref @norm : !n
  %p = gemma.pack_rows(%z, %n) {kind = #gemma.kind<q4_0>, unit_offset = true} : (!rows, !n) -> !i8
  return %z, %p : !rows, !i8
}

// f32 rows too: they are multiplied by the norm's weight.
// CHECK-LABEL: func.func @residual_f32
func.func @residual_f32(%x: !rows, %w: !w, %r: !rows, %n: !n) -> (!rows, !rows) {
  // CHECK-NEXT: %[[Z:.*]]:2 = gemma.linear_residual({{.*}} norm(%{{.*}}) {kind = #gemma.kind<f32>} : {{.*}} -> (tensor<?x64xf32>, tensor<?x64xf32>)
  // CHECK-NEXT: return %[[Z]]#0, %[[Z]]#1
  %z = gemma.linear_residual(%x, %w) residual(%r) : (!rows, !w, !rows) -> !rows
  %p = gemma.pack_rows(%z, %n) {kind = #gemma.kind<f32>} : (!rows, !n) -> !rows
  return %z, %p : !rows, !rows
}

// An op packs for one kind; the second form is made of its rows.
// CHECK-LABEL: func.func @two_kinds
func.func @two_kinds(%x: !rows, %w: !w, %r: !rows, %n: !n) -> (!i8, !i8) {
  // CHECK-NEXT: %[[Z:.*]]:2 = gemma.linear_residual({{.*}} {kind = #gemma.kind<q4_0>}
  // CHECK-NEXT: %[[P:.*]] = gemma.pack_rows(%[[Z]]#0, %{{.*}}) {kind = #gemma.kind<q8_0>}
  // CHECK-NEXT: return %[[Z]]#1, %[[P]]
  %z = gemma.linear_residual(%x, %w) residual(%r) : (!rows, !w, !rows) -> !rows
  %p = gemma.pack_rows(%z, %n) {kind = #gemma.kind<q4_0>} : (!rows, !n) -> !i8
  %q = gemma.pack_rows(%z, %n) {kind = #gemma.kind<q8_0>} : (!rows, !n) -> !i8
  return %p, %q : !i8, !i8
}

// CHECK-LABEL: func.func @geglu_and_attention
func.func @geglu_and_attention(%x: !rows, %w: !w, %c: !cache, %p: !i, %s: !i) -> (!i8, !b16) {
  // CHECK-NEXT: %[[H:.*]] = gemma.norm_geglu {{.*}}kind = #gemma.kind<q8_0>{{.*}} -> tensor<?x80xi8>
  // CHECK-NEXT: %[[O:.*]] = gemma.rope_attention({{.*}}kind = #gemma.kind<bf16>{{.*}} -> tensor<?x64xbf16>
  // CHECK-NEXT: return %[[H]], %[[O]]
  %h = gemma.norm_geglu x(%x) packed(%x) gate(%w) up(%w) {epsilon = 1.0e-3 : f64, gelu = #gemma.gelu<tanh>} : (!rows, !rows, !w, !w) -> !rows
  %0 = gemma.pack_rows(%h) {kind = #gemma.kind<q8_0>} : (!rows) -> !i8
  %o = gemma.rope_attention(%x, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (!rows, !cache, !i, !i) -> !rows
  %1 = gemma.pack_rows(%o) {kind = #gemma.kind<bf16>} : (!rows) -> !b16
  return %0, %1 : !i8, !b16
}

// Their f32 rows are read, too.
// CHECK-LABEL: func.func @geglu_is_read
func.func @geglu_is_read(%x: !rows, %w: !w) -> (!i8, !rows) {
  // CHECK: gemma.norm_geglu {{.*}} -> tensor<?x64xf32>
  // CHECK: gemma.pack_rows
  %h = gemma.norm_geglu x(%x) packed(%x) gate(%w) up(%w) {epsilon = 1.0e-3 : f64, gelu = #gemma.gelu<tanh>} : (!rows, !rows, !w, !w) -> !rows
  %0 = gemma.pack_rows(%h) {kind = #gemma.kind<q8_0>} : (!rows) -> !i8
  return %0, %h : !i8, !rows
}

// A factor per column is for the residual stream only.
// CHECK-LABEL: func.func @geglu_with_norm
func.func @geglu_with_norm(%x: !rows, %w: !w, %n: !n) -> !i8 {
  // CHECK: gemma.norm_geglu {{.*}} -> tensor<?x64xf32>
  // CHECK: gemma.pack_rows
  %h = gemma.norm_geglu x(%x) packed(%x) gate(%w) up(%w) {epsilon = 1.0e-3 : f64, gelu = #gemma.gelu<tanh>} : (!rows, !rows, !w, !w) -> !rows
  %0 = gemma.pack_rows(%h, %n) {kind = #gemma.kind<q8_0>} : (!rows, !n) -> !i8
  return %0 : !i8
}

// Input ops round to bf16, where nobody reads their f32 rows.
// CHECK-LABEL: func.func @input_ops_round
// CHECK-NOT: gemma.pack_rows
func.func @input_ops_round(%x: !rows, %c: !cache, %p: !i, %s: !i) -> (!b16, !b16, !b16) {
  // CHECK: gemma.rms_norm({{.*}} -> tensor<?x64xbf16>
  // CHECK: gemma.attention({{.*}} -> tensor<?x64xbf16>
  // CHECK: gemma.geglu({{.*}} -> tensor<?x64xbf16>
  // CHECK: return
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %0 = gemma.pack_rows(%y) {kind = #gemma.kind<bf16>} : (!rows) -> !b16
  %o = gemma.attention(%x, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!rows, !cache, !i, !i) -> !rows
  %1 = gemma.pack_rows(%o) {kind = #gemma.kind<bf16>} : (!rows) -> !b16
  %h = gemma.geglu(%x, %x) {gelu = #gemma.gelu<tanh>} : (!rows, !rows) -> !rows
  %2 = gemma.pack_rows(%h) {kind = #gemma.kind<bf16>} : (!rows) -> !b16
  return %0, %1, %2 : !b16, !b16, !b16
}

// CHECK-LABEL: func.func @norm_is_read
func.func @norm_is_read(%x: !rows) -> (!b16, !rows) {
  // CHECK: gemma.rms_norm({{.*}} -> tensor<?x64xf32>
  // CHECK: gemma.pack_rows
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %0 = gemma.pack_rows(%y) {kind = #gemma.kind<bf16>} : (!rows) -> !b16
  return %0, %y : !b16, !rows
}

// They do not quantise; and other ops do not round.
// CHECK-LABEL: func.func @stays
func.func @stays(%x: !rows, %e: !i, %t: !w) -> (!i8, !b16) {
  // CHECK: gemma.rms_norm({{.*}} -> tensor<?x64xf32>
  // CHECK-NEXT: gemma.pack_rows
  // CHECK-NEXT: gemma.embed({{.*}} -> tensor<?x64xf32>
  // CHECK-NEXT: gemma.pack_rows
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!rows) -> !rows
  %0 = gemma.pack_rows(%y) {kind = #gemma.kind<q8_0>} : (!rows) -> !i8
  %z = gemma.embed(%e, %t) {scale = 8.0 : f64} : (!i, !w) -> !rows
  %1 = gemma.pack_rows(%z) {kind = #gemma.kind<bf16>} : (!rows) -> !b16
  return %0, %1 : !i8, !b16
}

// What pads a row to whole superblocks is in no column of the producer's.
// CHECK-LABEL: func.func @partial_superblock
func.func @partial_superblock(%x: tensor<?x48xf32>, %w: !gemma.packed<48x48, #gemma.encoding<f32, panel = 16>>) -> (tensor<?x80xi8>, tensor<?x48xbf16>) {
  // CHECK: gemma.linear_residual({{.*}} -> tensor<?x48xf32>
  // CHECK-NEXT: gemma.pack_rows
  // CHECK-NEXT: gemma.linear_residual({{.*}} -> (tensor<?x48xf32>, tensor<?x48xbf16>)
  // CHECK-NEXT: return
  %y = gemma.linear_residual(%x, %w) residual(%x) : (tensor<?x48xf32>, !gemma.packed<48x48, #gemma.encoding<f32, panel = 16>>, tensor<?x48xf32>) -> tensor<?x48xf32>
  %p = gemma.pack_rows(%y) {kind = #gemma.kind<q8_0>} : (tensor<?x48xf32>) -> tensor<?x80xi8>
  %z = gemma.linear_residual(%x, %w) residual(%x) : (tensor<?x48xf32>, !gemma.packed<48x48, #gemma.encoding<f32, panel = 16>>, tensor<?x48xf32>) -> tensor<?x48xf32>
  %b = gemma.pack_rows(%z) {kind = #gemma.kind<bf16>} : (tensor<?x48xf32>) -> tensor<?x48xbf16>
  return %p, %b : tensor<?x80xi8>, tensor<?x48xbf16>
}

// CHECK-LABEL: func.func @norm_residual
func.func @norm_residual(%x: !rows, %w: !n, %r: !rows) -> (!rows, !i8) {
  // CHECK: %[[N:.*]] = gemma.weight_ref @norm
  // CHECK-NEXT: %[[Z:.*]]:2 = gemma.norm_residual(%{{.*}}, %{{.*}}) residual(%{{.*}}) pack(%[[N]]) {epsilon = 1.000000e-03 : f64, kind = #gemma.kind<q4_0>, pack_unit_offset = true}
  // CHECK-NEXT: return %[[Z]]#0, %[[Z]]#1
  %z = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64} : (!rows, !n, !rows) -> !rows
  %n = gemma.weight_ref @norm : !n
  %p = gemma.pack_rows(%z, %n) {kind = #gemma.kind<q4_0>, unit_offset = true} : (!rows, !n) -> !i8
  return %z, %p : !rows, !i8
}

// Whole rows are its items, which it pads.
// CHECK-LABEL: func.func @norm_residual_of_half_superblocks
func.func @norm_residual_of_half_superblocks(%x: tensor<?x96xf32>, %r: tensor<?x96xf32>) -> tensor<?x160xi8> {
  // CHECK-NEXT: %[[Z:.*]]:2 = gemma.norm_residual(%{{.*}}) residual(%{{.*}}) {epsilon = 1.000000e-03 : f64, kind = #gemma.kind<q8_0>}
  // CHECK-NEXT: return %[[Z]]#1
  %z = gemma.norm_residual(%x) residual(%r) {epsilon = 1.0e-3 : f64} : (tensor<?x96xf32>, tensor<?x96xf32>) -> tensor<?x96xf32>
  %p = gemma.pack_rows(%z) {kind = #gemma.kind<q8_0>} : (tensor<?x96xf32>) -> tensor<?x160xi8>
  return %p : tensor<?x160xi8>
}
