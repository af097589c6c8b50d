// RUN: gemma-opt %s --gemma-fuse-rope-attention | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>
!small = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>
!i = tensor<?xi32>
!q = tensor<?x64xf32>

// CHECK-LABEL: func.func @queries
// CHECK-SAME: (%[[Q:.*]]: tensor<?x64xf32>, %[[C:.*]]: !gemma.kv_cache<{{.*}}>, %[[P:.*]]: tensor<?xi32>, %[[S:.*]]: tensor<?xi32>)
func.func @queries(%q: !q, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK-NEXT: %[[O:.*]] = gemma.rope_attention(%[[Q]], %[[C]], %[[P]], %[[S]]) {base = 1.000000e+04 : f64, position_scale = 2.000000e+00 : f64, q_scale = 2.500000e-01 : f64, softcap = 5.000000e+01 : f64, window = 4 : i64}
  // CHECK-NEXT: return %[[O]]
  %r = gemma.rope(%q, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, softcap = 50.0 : f64, window = 4 : i64} : (!q, !cache, !i, !i) -> !q
  return %o : !q
}

// CHECK-LABEL: func.func @with_table
// CHECK-SAME: %[[T:[^:]*]]: tensor<258x2x16xf32>)
func.func @with_table(%q: !q, %c: !cache, %p: !i, %s: !i, %t: tensor<258x2x16xf32>) -> !q {
  // CHECK-NEXT: gemma.rope_attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[T]])
  %r = gemma.rope(%q, %p, %t) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i, tensor<258x2x16xf32>) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  return %o : !q
}

// The rotated queries are needed by themselves.
// CHECK-LABEL: func.func @rotated_is_read
// CHECK-NOT: gemma.rope_attention
func.func @rotated_is_read(%q: !q, %c: !cache, %p: !i, %s: !i) -> (!q, !q) {
  // CHECK: gemma.rope(
  %r = gemma.rope(%q, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  return %o, %r : !q, !q
}

// Attention sees another position than the rotation.
// CHECK-LABEL: func.func @other_positions
// CHECK-NOT: gemma.rope_attention
func.func @other_positions(%q: !q, %c: !cache, %p: !i, %s: !i, %p2: !i) -> !q {
  // CHECK: gemma.rope(
  %r = gemma.rope(%q, %p2) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  return %o : !q
}

// Pairs that are copied.
// CHECK-LABEL: func.func @partly_rotated
// CHECK-NOT: gemma.rope_attention
func.func @partly_rotated(%q: !q, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.rope(
  %r = gemma.rope(%q, %p) {head_dim = 32 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  return %o : !q
}

// Pairs are not those of the cache's heads.
// CHECK-LABEL: func.func @other_heads
// CHECK-NOT: gemma.rope_attention
func.func @other_heads(%q: !q, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.rope(
  %r = gemma.rope(%q, %p) {head_dim = 64 : i64, rotated = 64 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  return %o : !q
}

// Halves of a pair that do not start at a panel.
// CHECK-LABEL: func.func @small_heads
// CHECK-NOT: gemma.rope_attention
func.func @small_heads(%q: !q, %c: !small, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.rope(
  %r = gemma.rope(%q, %p) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !small, !i, !i) -> !q
  return %o : !q
}

// Queries are normed head by head.
// CHECK-LABEL: func.func @q_norm
// CHECK-SAME: (%[[Q:.*]]: tensor<?x64xf32>, %[[C:.*]]: !gemma.kv_cache<{{.*}}>, %[[P:.*]]: tensor<?xi32>, %[[S:.*]]: tensor<?xi32>, %[[N:.*]]: tensor<32xf32>)
func.func @q_norm(%q: !q, %c: !cache, %p: !i, %s: !i, %n: tensor<32xf32>) -> !q {
  // CHECK-NEXT: %[[O:.*]] = gemma.rope_attention(%[[Q]], %[[C]], %[[P]], %[[S]]) q_norm(%[[N]]) {base = 1.000000e+04 : f64, position_scale = 2.000000e+00 : f64, q_epsilon = 1.000000e-03 : f64, q_scale = 2.500000e-01 : f64, q_unit_offset = true, window = 0 : i64}
  // CHECK-NEXT: return %[[O]]
  %h = gemma.rms_norm(%q, %n) {epsilon = 1.0e-3 : f64, unit_offset = true, group_size = 32 : i64} : (!q, tensor<32xf32>) -> !q
  %r = gemma.rope(%h, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %o = gemma.attention(%r, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  return %o : !q
}

// A norm of whole rows, or one that something else reads, stays.
// CHECK-LABEL: func.func @other_norms
func.func @other_norms(%q: !q, %c: !cache, %p: !i, %s: !i, %n: tensor<32xf32>) -> (!q, !q, !q) {
  // CHECK-NEXT: %[[A:.*]] = gemma.rms_norm
  // CHECK-NEXT: gemma.rope_attention(%[[A]], {{.*}}) {base
  // CHECK-NEXT: %[[B:.*]] = gemma.rms_norm
  // CHECK-NEXT: gemma.rope_attention(%[[B]], {{.*}}) {base
  %a = gemma.rms_norm(%q) {epsilon = 1.0e-3 : f64} : (!q) -> !q
  %ra = gemma.rope(%a, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %oa = gemma.attention(%ra, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  %b = gemma.rms_norm(%q, %n) {epsilon = 1.0e-3 : f64, group_size = 32 : i64} : (!q, tensor<32xf32>) -> !q
  %rb = gemma.rope(%b, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (!q, !i) -> !q
  %ob = gemma.attention(%rb, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64} : (!q, !cache, !i, !i) -> !q
  return %oa, %ob, %b : !q, !q, !q
}
