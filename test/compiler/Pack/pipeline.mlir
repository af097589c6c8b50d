// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-pack-pipeline | FileCheck %s
// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-pack-pipeline --gemma-pack-pipeline -o %t.twice
// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-pack-pipeline -o %t.once
// RUN: cmp %t.once %t.twice

// The head multiplies the table of the embedding, which is packed once.
// CHECK: gemma.weight @embed_tokens : tensor<250x64xbf16> from #gemma.random<{{.*}}> as #gemma.encoding<bf16, panel = 16>
// CHECK: gemma.weight @rope.0
// CHECK-NOT: gemma.weight @
// CHECK: %[[E:.*]] = gemma.weight_ref @embed_tokens
// CHECK: gemma.embed(%{{.*}}, %[[E]])
// CHECK: %[[N:.*]] = gemma.rms_norm({{.*}} -> tensor<?x64xbf16>
// CHECK: gemma.attention({{.*}} -> tensor<?x64xbf16>
// CHECK: gemma.geglu({{.*}} -> tensor<?x128xbf16>
// CHECK: gemma.linear(%{{.*}}, %[[E]])
