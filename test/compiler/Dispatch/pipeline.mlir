// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-pack-pipeline --gemma-bufferize-pipeline --gemma-dispatch-pipeline | FileCheck %s

// One kernel per distinct shape: q and out projections share one, k and v
// another, and so do all three norms and both residual adds.
// CHECK-LABEL: module @kernels
// CHECK-COUNT-5: func.func @linear_
// CHECK-NOT: func.func @linear_
// CHECK-NOT: func.func @rms_norm_1
// CHECK-NOT: func.func @elementwise_addf_1
// CHECK-LABEL: func.func @forward
// CHECK-COUNT-20: gemma.dispatch
// CHECK-NOT: gemma.dispatch
