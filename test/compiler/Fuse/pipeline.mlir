// RUN: gemma-opt %S/../Inputs/fusible-layer.mlir --gemma-fuse-pipeline | FileCheck %s
// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-fuse-pipeline | FileCheck %s --check-prefix=PART
// RUN: gemma-opt %S/../Inputs/fusible-layer.mlir --gemma-fuse-pipeline -o %t.once
// RUN: gemma-opt %S/../Inputs/fusible-layer.mlir --gemma-fuse-pipeline --gemma-fuse-pipeline -o %t.twice
// RUN: cmp %t.once %t.twice

// Five ops per layer.
// CHECK: %[[X:.*]] = gemma.embed(
// CHECK: %[[Q:.*]] = gemma.norm_qkv x(%[[X]])
// CHECK: %[[A:.*]] = gemma.rope_attention(%[[Q]],
// CHECK: %[[X1:.*]] = gemma.linear_residual(%[[A]], %{{.*}}) residual(%[[X]])
// CHECK: %[[H:.*]] = gemma.norm_geglu x(%[[X1]])
// CHECK: %[[X2:.*]] = gemma.linear_residual(%[[H]], %{{.*}}) residual(%[[X1]])
// CHECK: %[[L:.*]] = gemma.lm_head x(%[[X2]])
// CHECK-NEXT: return %[[L]]

// Heads of 16 are rotated by ops of their own; a gate that is its own up too.
// PART: gemma.norm_linear
// PART: gemma.rope(
// PART: gemma.rope(
// PART: gemma.cache_write
// PART: gemma.attention
// PART: gemma.linear_residual
// PART: gemma.norm_linear
// PART: gemma.geglu
// PART: gemma.linear_residual
// PART: gemma.lm_head
