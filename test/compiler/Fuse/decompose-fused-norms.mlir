// A layer with a window, norms of q and k, and post norms: fused, and back.
// RUN: gemma-opt %S/../Inputs/normed-layer.mlir --gemma-fuse-pipeline -o %t.fused
// RUN: FileCheck %s < %t.fused
// RUN: gemma-opt %t.fused --gemma-decompose-fused -o %t.back
// RUN: FileCheck %s --check-prefix=BACK < %t.back
// RUN: gemma-opt %S/../Inputs/normed-layer.mlir -o /dev/null --gemma-interpret='tokens=2,5,7,9 output=%t.a.npy dtype=f64'
// RUN: gemma-opt %t.back -o /dev/null --gemma-interpret='tokens=2,5,7,9 output=%t.b.npy dtype=f64'
// RUN: cmp %t.a.npy %t.b.npy
// RUN: gemma-opt %t.back --gemma-fuse-pipeline -o %t.again
// RUN: cmp %t.fused %t.again

// CHECK: %[[X:.*]] = gemma.embed(
// CHECK: gemma.norm_qkv x(%[[X]]) {{.*}} k_norm(%{{.*}}) {{.*}}k_epsilon
// CHECK: gemma.rope_attention({{.*}}) q_norm(%{{.*}}) {{.*}}q_epsilon
// CHECK: %[[O:.*]] = gemma.linear(
// CHECK: %[[X1:.*]] = gemma.norm_residual(%[[O]], %{{.*}}) residual(%[[X]])
// CHECK: gemma.norm_geglu x(%[[X1]])
// CHECK: %[[D:.*]] = gemma.linear(
// CHECK: %[[X2:.*]] = gemma.norm_residual(%[[D]], %{{.*}}) residual(%[[X1]])
// CHECK: gemma.lm_head x(%[[X2]])
// CHECK-NOT: arith.addf

// BACK: gemma.rms_norm
// BACK: %[[KN:.*]] = gemma.rms_norm({{.*}}group_size = 32 : i64
// BACK: gemma.rope(%[[KN]],
// BACK: gemma.cache_write
// BACK: %[[QN:.*]] = gemma.rms_norm({{.*}}group_size = 32 : i64
// BACK: gemma.rope(%[[QN]],
// BACK: gemma.attention
// BACK: %[[O:.*]] = gemma.linear(
// BACK: %[[ON:.*]] = gemma.rms_norm(%[[O]],
// BACK: arith.addf %{{.*}}, %[[ON]]
