// Back from the fused program to the one that it was made of: the same ops,
// but for where they stand; the interpreter gives the same numbers.
// RUN: gemma-opt %S/../Inputs/fusible-layer.mlir --gemma-fuse-pipeline --gemma-decompose-fused -o %t.back
// RUN: FileCheck %s < %t.back
// RUN: gemma-opt %S/../Inputs/fusible-layer.mlir -o /dev/null --gemma-interpret='tokens=2,5,7 output=%t.a.npy dtype=f64'
// RUN: gemma-opt %t.back -o /dev/null --gemma-interpret='tokens=2,5,7 output=%t.b.npy dtype=f64'
// RUN: cmp %t.a.npy %t.b.npy

// Fused again, it is the same program.
// RUN: gemma-opt %S/../Inputs/fusible-layer.mlir --gemma-fuse-pipeline -o %t.fused
// RUN: gemma-opt %t.back --gemma-fuse-pipeline -o %t.again
// RUN: cmp %t.fused %t.again

// RUN: not gemma-opt %S/../Inputs/fusible-layer.mlir --gemma-fuse-pipeline --gemma-pack-pipeline --gemma-decompose-fused 2>&1 | FileCheck %s --check-prefix=PACKED

// CHECK: %[[X:.*]] = gemma.embed(
// CHECK: %[[Y:.*]] = gemma.rms_norm(%[[X]], %{{.*}}) {epsilon = 9.9999999999999995E-7 : f64, unit_offset = true}
// CHECK: %[[Q:.*]] = gemma.linear(%[[Y]],
// CHECK: %[[K:.*]] = gemma.linear(%[[Y]],
// CHECK: %[[V:.*]] = gemma.linear(%[[Y]],
// CHECK: %[[KR:.*]] = gemma.rope(%[[K]], %{{.*}}) {base = 1.000000e+04 : f64, head_dim = 32 : i64, position_scale = 1.000000e+00 : f64, rotated = 32 : i64}
// CHECK: gemma.cache_write(%[[KR]], %[[V]], %[[C:[^,]*]],
// CHECK: %[[QR:.*]] = gemma.rope(%[[Q]], %{{.*}}) {base = 1.000000e+04 : f64, head_dim = 32 : i64, position_scale = 1.000000e+00 : f64, rotated = 32 : i64}
// CHECK: %[[A:.*]] = gemma.attention(%[[QR]], %[[C]], %{{.*}}, %{{.*}}) {q_scale = 2.500000e-01 : f64, window = 0 : i64}
// CHECK: %[[O:.*]] = gemma.linear(%[[A]],
// CHECK: %[[X1:.*]] = arith.addf %[[X]], %[[O]]
// CHECK: %[[Y1:.*]] = gemma.rms_norm(%[[X1]],
// CHECK: %[[G:.*]] = gemma.linear(%[[Y1]],
// CHECK: %[[U:.*]] = gemma.linear(%[[Y1]],
// CHECK: %[[H:.*]] = gemma.geglu(%[[G]], %[[U]]) {gelu = #gemma.gelu<tanh>}
// CHECK: %[[D:.*]] = gemma.linear(%[[H]],
// CHECK: %[[X2:.*]] = arith.addf %[[X1]], %[[D]]
// CHECK: %[[S:.*]] = gemma.select_rows(%[[X2]],
// CHECK: %[[F:.*]] = gemma.rms_norm(%[[S]],
// CHECK: %[[L:.*]] = gemma.linear(%[[F]],
// CHECK: return %[[L]]

// PACKED: expected the form of phase fuse: on tensors, rows not packed
