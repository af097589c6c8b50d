// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-pack-pipeline --gemma-bufferize-pipeline --gemma-dispatch-pipeline --gemma-codegen-pipeline | FileCheck %s

// Kernels are loops, the list of steps stays as it was.
// CHECK-LABEL: module @kernels
// CHECK-NOT: gemma.{{[a-z_]+}}(
// CHECK-NOT: memref.subview
// CHECK-LABEL: func.func @forward
// CHECK-COUNT-19: gemma.dispatch
