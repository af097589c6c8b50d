// RUN: gemma-opt %S/../Inputs/one-layer.mlir --gemma-pack-pipeline --gemma-bufferize-pipeline | FileCheck %s

// CHECK-LABEL: func.func @forward
// CHECK-SAME: memref<8x250xf32>, %[[ARENA:[^:]*]]: memref<9216xi8>, %{{[^:]*}}: index, %{{[^:]*}}: index) {
// CHECK-NOT: memref.alloc
// CHECK-NOT: tensor<?
// CHECK: return{{$}}
