// RUN: gemma-opt %s --gemma-fuse-norm-qkv | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>
!small = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>
!i8 = !gemma.kv_cache<heads = 1, head_dim = 32, element = i8, window = 0>
!i = tensor<?xi32>
!q = tensor<?x64xf32>

// CHECK-LABEL: func.func @attention_input
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[N:.*]]: tensor<64xf32>, %[[Q:.*]]: tensor<64x64xf32>, %[[K:.*]]: tensor<32x64xf32>, %[[V:.*]]: tensor<32x64xf32>, %[[C:.*]]: !gemma.kv_cache<{{.*}}>, %[[P:.*]]: tensor<?xi32>, %[[S:.*]]: tensor<?xi32>)
func.func @attention_input(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK-NEXT: %[[Y:.*]] = gemma.norm_qkv x(%[[X]]) norm(%[[N]]) weights(%[[Q]], %[[K]], %[[V]]) cache(%[[C]]) at(%[[P]], %[[S]]) {base = 1.000000e+04 : f64, epsilon = 1.000000e-03 : f64, position_scale = 2.000000e+00 : f64, unit_offset = true}
  // CHECK-NEXT: return %[[Y]]
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// The matmul of q may stand behind the cache_write.
// CHECK-LABEL: func.func @q_last
// CHECK: %[[Y:.*]] = gemma.norm_qkv
// CHECK-NEXT: gemma.softcap(%[[Y]])
func.func @q_last(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> !q {
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %l = gemma.softcap(%q) {cap = 1.0 : f64} : (!q) -> !q
  return %l : !q
}

// Integers have a scale per head.
// CHECK-LABEL: func.func @integer_cache
// CHECK-NOT: gemma.norm_qkv
func.func @integer_cache(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !i8, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !i8, !i, !i) -> ()
  return %q : !q
}

// Halves of a pair that do not start at a panel.
// CHECK-LABEL: func.func @small_heads
// CHECK-NOT: gemma.norm_qkv
func.func @small_heads(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<16x64xf32>, %wv: tensor<16x64xf32>, %c: !small, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<16x64xf32>) -> tensor<?x16xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<16x64xf32>) -> tensor<?x16xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x16xf32>, !i) -> tensor<?x16xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x16xf32>, tensor<?x16xf32>, !small, !i, !i) -> ()
  return %q : !q
}

// Pairs that are copied.
// CHECK-LABEL: func.func @partly_rotated
// CHECK-NOT: gemma.norm_qkv
func.func @partly_rotated(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// Pairs are not those of the cache's heads.
// CHECK-LABEL: func.func @other_heads
// CHECK-NOT: gemma.norm_qkv
func.func @other_heads(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// The cache gets other positions than the rotation.
// CHECK-LABEL: func.func @other_positions
// CHECK-NOT: gemma.norm_qkv
func.func @other_positions(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i, %o: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %o) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// The rotated keys are needed by themselves.
// CHECK-LABEL: func.func @k_is_read
// CHECK-NOT: gemma.norm_qkv
func.func @k_is_read(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> (!q, tensor<?x32xf32>) {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q, %kr : !q, tensor<?x32xf32>
}

// So are the values.
// CHECK-LABEL: func.func @v_is_read
// CHECK-NOT: gemma.norm_qkv
func.func @v_is_read(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> (!q, tensor<?x32xf32>) {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q, %v : !q, tensor<?x32xf32>
}

// So are the normed rows.
// CHECK-LABEL: func.func @norm_is_read
// CHECK-NOT: gemma.norm_qkv
func.func @norm_is_read(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> (!q, !q) {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q, %y : !q, !q
}

// What reads q would have to wait for the cache's write.
// CHECK-LABEL: func.func @q_is_read_before
// CHECK-NOT: gemma.norm_qkv
func.func @q_is_read_before(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %l = gemma.softcap(%q) {cap = 1.0 : f64} : (!q) -> !q
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %l : !q
}

// Their encodings may read rows in two forms.
// CHECK-LABEL: func.func @weights_differ
// CHECK-NOT: gemma.norm_qkv
func.func @weights_differ(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xbf16>, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xbf16>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// Keys and values of two norms.
// CHECK-LABEL: func.func @two_norms
// CHECK-NOT: gemma.norm_qkv
func.func @two_norms(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %z = gemma.rms_norm(%x) {epsilon = 1.0e-3 : f64} : (!q) -> !q
  %v = gemma.linear(%z, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// There is no q.
// CHECK-LABEL: func.func @no_q
// CHECK-NOT: gemma.norm_qkv
func.func @no_q(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%k, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %x : !q
}

// Keys are normed head by head.
// CHECK-LABEL: func.func @k_norm
// CHECK-SAME: %[[KN:[^:]*]]: tensor<32xf32>)
func.func @k_norm(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i, %kn: tensor<32xf32>) -> !q {
  // CHECK-NEXT: gemma.norm_qkv {{.*}} k_norm(%[[KN]]) {base = 1.000000e+04 : f64, epsilon = 1.000000e-03 : f64, k_epsilon = 2.000000e-03 : f64, k_unit_offset = true, position_scale = 2.000000e+00 : f64, unit_offset = true}
  // CHECK-NEXT: return
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %h = gemma.rms_norm(%k, %kn) {epsilon = 2.0e-3 : f64, unit_offset = true, group_size = 32 : i64} : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%h, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// By a norm without a weight.
// CHECK-LABEL: func.func @k_norm_without_weight
func.func @k_norm_without_weight(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i, %kn: tensor<32xf32>) -> !q {
  // CHECK-NEXT: gemma.norm_qkv
  // CHECK-NOT: k_norm(
  // CHECK-SAME: k_epsilon = 2.000000e-03 : f64, position_scale
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %h = gemma.rms_norm(%k) {epsilon = 2.0e-3 : f64} : (tensor<?x32xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%h, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// Not by one of halves of heads.
// CHECK-LABEL: func.func @k_norm_of_halves
// CHECK-NOT: gemma.norm_qkv
func.func @k_norm_of_halves(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i, %kn: tensor<32xf32>) -> !q {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %h = gemma.rms_norm(%k) {epsilon = 2.0e-3 : f64, group_size = 16 : i64} : (tensor<?x32xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%h, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q : !q
}

// The normed keys are needed by themselves.
// CHECK-LABEL: func.func @k_norm_is_read
// CHECK-NOT: gemma.norm_qkv
func.func @k_norm_is_read(%x: !q, %n: tensor<64xf32>, %wq: tensor<64x64xf32>, %wk: tensor<32x64xf32>, %wv: tensor<32x64xf32>, %c: !cache, %p: !i, %s: !i, %kn: tensor<32xf32>) -> (!q, tensor<?x32xf32>) {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<64x64xf32>) -> !q
  %k = gemma.linear(%y, %wk) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<32x64xf32>) -> tensor<?x32xf32>
  %h = gemma.rms_norm(%k, %kn) {epsilon = 2.0e-3 : f64, unit_offset = true, group_size = 32 : i64} : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %kr = gemma.rope(%h, %p) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x32xf32>, !i) -> tensor<?x32xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x32xf32>, tensor<?x32xf32>, !cache, !i, !i) -> ()
  return %q, %h : !q, tensor<?x32xf32>
}

// Normed keys of the widest heads that the kernel's stack has a place for.
// CHECK-LABEL: func.func @k_norm_of_wide_heads
func.func @k_norm_of_wide_heads(%x: !q, %n: tensor<64xf32>, %wq: tensor<256x64xf32>, %wk: tensor<256x64xf32>, %wv: tensor<256x64xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>, %p: !i, %s: !i, %kn: tensor<256xf32>) -> tensor<?x256xf32> {
  // CHECK-NEXT: gemma.norm_qkv
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<256x64xf32>) -> tensor<?x256xf32>
  %k = gemma.linear(%y, %wk) : (!q, tensor<256x64xf32>) -> tensor<?x256xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<256x64xf32>) -> tensor<?x256xf32>
  %h = gemma.rms_norm(%k, %kn) {epsilon = 2.0e-3 : f64, unit_offset = true, group_size = 256 : i64} : (tensor<?x256xf32>, tensor<256xf32>) -> tensor<?x256xf32>
  %kr = gemma.rope(%h, %p) {head_dim = 256 : i64, rotated = 256 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x256xf32>, !i) -> tensor<?x256xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x256xf32>, tensor<?x256xf32>, !gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>, !i, !i) -> ()
  return %q : tensor<?x256xf32>
}

// Not of wider ones.
// CHECK-LABEL: func.func @k_norm_of_wider_heads
// CHECK-NOT: gemma.norm_qkv
func.func @k_norm_of_wider_heads(%x: !q, %n: tensor<64xf32>, %wq: tensor<288x64xf32>, %wk: tensor<288x64xf32>, %wv: tensor<288x64xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 288, element = bf16, window = 0>, %p: !i, %s: !i, %kn: tensor<288xf32>) -> tensor<?x288xf32> {
  // CHECK: gemma.cache_write
  %y = gemma.rms_norm(%x, %n) {epsilon = 1.0e-3 : f64, unit_offset = true} : (!q, tensor<64xf32>) -> !q
  %q = gemma.linear(%y, %wq) : (!q, tensor<288x64xf32>) -> tensor<?x288xf32>
  %k = gemma.linear(%y, %wk) : (!q, tensor<288x64xf32>) -> tensor<?x288xf32>
  %v = gemma.linear(%y, %wv) : (!q, tensor<288x64xf32>) -> tensor<?x288xf32>
  %h = gemma.rms_norm(%k, %kn) {epsilon = 2.0e-3 : f64, unit_offset = true, group_size = 288 : i64} : (tensor<?x288xf32>, tensor<288xf32>) -> tensor<?x288xf32>
  %kr = gemma.rope(%h, %p) {head_dim = 288 : i64, rotated = 288 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64} : (tensor<?x288xf32>, !i) -> tensor<?x288xf32>
  gemma.cache_write(%kr, %v, %c, %p, %s) : (tensor<?x288xf32>, tensor<?x288xf32>, !gemma.kv_cache<heads = 1, head_dim = 288, element = bf16, window = 0>, !i, !i) -> ()
  return %q : tensor<?x288xf32>
}
