// RUN: gemma-opt %s --gemma-add-rope-tables=positions=600 --split-input-file | FileCheck %s
// RUN: not gemma-opt %s --gemma-add-rope-tables --split-input-file 2>&1 | FileCheck %s --check-prefix=ERROR

// ERROR: error: expected the option positions or a context in gemma.model

// One table for equal parameters, one more for another base; 600 positions
// are three strides of 256.
// CHECK: gemma.weight @rope.0 : tensor<259x2x8xf32> from #gemma.rope_table<base = 1.000000e+04 : f64, position_scale = 1.000000e+00 : f64, head_dim = 16, rotated = 16, positions = 600>
// CHECK-NEXT: gemma.weight @rope.1 : tensor<259x2x8xf32> from #gemma.rope_table<base = 1.000000e+06 : f64
// CHECK-LABEL: func.func @two_bases
func.func @two_bases(%q: tensor<?x64xf32>, %k: tensor<?x16xf32>, %p: tensor<?xi32>)
    -> (tensor<?x64xf32>, tensor<?x16xf32>, tensor<?x16xf32>) {
  // CHECK: %[[T0:.*]] = gemma.weight_ref @rope.0
  // CHECK: gemma.rope(%{{.*}}, %{{.*}}, %[[T0]])
  %0 = gemma.rope(%q, %p) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  // CHECK: %[[T1:.*]] = gemma.weight_ref @rope.0
  // CHECK: gemma.rope(%{{.*}}, %{{.*}}, %[[T1]])
  %1 = gemma.rope(%k, %p) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  // CHECK: %[[T2:.*]] = gemma.weight_ref @rope.1
  // CHECK: gemma.rope(%{{.*}}, %{{.*}}, %[[T2]])
  %2 = gemma.rope(%k, %p) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e6 : f64, position_scale = 1.0 : f64}
      : (tensor<?x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  return %0, %1, %2 : tensor<?x64xf32>, tensor<?x16xf32>, tensor<?x16xf32>
}

// -----

// A rope that has its table keeps it.
// CHECK-LABEL: func.func @has_table
// CHECK-NOT: gemma.weight_ref
// CHECK: gemma.rope
func.func @has_table(%q: tensor<?x16xf32>, %p: tensor<?xi32>, %t: tensor<258x2x8xf32>) -> tensor<?x16xf32> {
  %0 = gemma.rope(%q, %p, %t) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x16xf32>, tensor<?xi32>, tensor<258x2x8xf32>) -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// -----

// A rope that rotates nothing has no table: it is its rows.
// CHECK-NOT: gemma.weight
// CHECK-LABEL: func.func @rotates_nothing
// CHECK-SAME: %[[Q:.*]]: tensor<?x16xf32>
// CHECK-NEXT: return %[[Q]]
func.func @rotates_nothing(%q: tensor<?x16xf32>, %p: tensor<?xi32>) -> tensor<?x16xf32> {
  %0 = gemma.rope(%q, %p) {head_dim = 16 : i64, rotated = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// -----

// Fused ops read the table of their cache's heads, one for all of them.
!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
// CHECK: gemma.weight @rope.0 : tensor<259x2x16xf32> from #gemma.rope_table<base = 1.000000e+04 : f64, position_scale = 1.000000e+00 : f64, head_dim = 32, rotated = 32, positions = 600>
// CHECK-NOT: gemma.weight @
// CHECK-LABEL: func.func @fused
func.func @fused(%x: tensor<?x64xf32>, %q: tensor<32x64xf32>, %c: !cache, %p: tensor<?xi32>) -> tensor<?x32xf32> {
  // CHECK: %[[T0:.*]] = gemma.weight_ref @rope.0
  // CHECK: gemma.norm_qkv {{.*}} table(%[[T0]])
  %0 = gemma.norm_qkv x(%x) weights(%q, %q, %q) cache(%c) at(%p, %p) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<32x64xf32>, tensor<32x64xf32>, tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x32xf32>
  // CHECK: %[[T1:.*]] = gemma.weight_ref @rope.0
  // CHECK: gemma.rope_attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[T1]])
  %1 = gemma.rope_attention(%0, %c, %p, %p) {q_scale = 0.25 : f64, window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x32xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x32xf32>
  return %1 : tensor<?x32xf32>
}
