// RUN: gemma-opt %S/../Inputs/fusible-layer.mlir --gemma-fuse-pipeline --gemma-pack-pipeline -o %t.once
// RUN: FileCheck %s < %t.once
// RUN: gemma-opt %t.once --gemma-pack-pipeline -o %t.twice
// RUN: cmp %t.once %t.twice
// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-pack-pipeline | FileCheck %s --check-prefix=UNFUSED

// The head multiplies the table of the embedding, which is packed once.
// CHECK: gemma.weight @embed_tokens : tensor<250x64xbf16> from #gemma.random<{{.*}}> as #gemma.encoding<bf16, panel = 16>
// CHECK: gemma.weight @rope.0
// CHECK-NOT: gemma.weight @
// CHECK: %[[E:.*]] = gemma.weight_ref @embed_tokens
// CHECK: %[[X:.*]] = gemma.embed(%{{.*}}, %[[E]])
// CHECK: %[[P:.*]] = gemma.pack_rows(%[[X]], %{{.*}}) {kind = #gemma.kind<bf16>, unit_offset = true}
// CHECK: %[[Q:.*]] = gemma.norm_qkv x(%[[X]]) packed(%[[P]]) {{.*}} table(
// CHECK: %[[A:.*]] = gemma.rope_attention(%[[Q]], {{.*}} -> tensor<?x64xbf16>
// CHECK: %[[X1:.*]]:2 = gemma.linear_residual(%[[A]], %{{.*}}) residual(%[[X]]) norm(%{{.*}}) {kind = #gemma.kind<bf16>, unit_offset = true}
// CHECK: %[[H:.*]] = gemma.norm_geglu x(%[[X1]]#0) packed(%[[X1]]#1) {{.*}} -> tensor<?x128xbf16>
// CHECK: %[[X2:.*]]:2 = gemma.linear_residual(%[[H]], %{{.*}}) residual(%[[X1]]#0) norm(%{{.*}}) {kind = #gemma.kind<bf16>, unit_offset = true}
// CHECK: %[[L:.*]] = gemma.lm_head x(%[[X2]]#0) packed(%[[X2]]#1) of(%{{.*}}) weight(%[[E]])
// CHECK-NEXT: return %[[L]]

// UNFUSED: gemma.rms_norm({{.*}} -> tensor<?x64xbf16>
// UNFUSED: gemma.attention({{.*}} -> tensor<?x64xbf16>
// UNFUSED: gemma.geglu({{.*}} -> tensor<?x128xbf16>
// UNFUSED-NOT: gemma.pack_rows
// UNFUSED: return
