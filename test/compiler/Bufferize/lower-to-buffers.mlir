// RUN: gemma-opt %s --gemma-lower-to-buffers=max-rows=8 --split-input-file | FileCheck %s
// RUN: not gemma-opt %s --gemma-lower-to-buffers --split-input-file 2>&1 | FileCheck %s --check-prefix=ERROR

// ERROR: error: expected the option max-rows or max_rows in gemma.options

!e = !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>
gemma.weight @e : tensor<32x16xf32> as #gemma.encoding<f32, panel = 16>

// CHECK-LABEL: func.func @forward(
// CHECK-SAME: %[[T:.*]]: memref<8xi32>, %[[P:.*]]: memref<8xi32>, %[[S:.*]]: memref<8xi32>, %[[O:.*]]: memref<8xi32>, %[[LOGITS:.*]]: memref<8x32xf32>, %[[ROWS:.*]]: index, %[[OUT_ROWS:.*]]: index) {
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  // CHECK: %[[E:.*]] = gemma.weight_ref @e
  %e = gemma.weight_ref @e : !e
  // CHECK: %[[X:.*]] = memref.alloc() : memref<8x16xf32>
  // CHECK: gemma.embed(%[[T]], %[[E]]) into(%[[X]]) rows(%[[ROWS]]) {scale = 4.000000e+00 : f64}
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !e) -> tensor<?x16xf32>
  // An elementwise op works on the rows in use.
  // CHECK: %[[A:.*]] = memref.subview %[[X]][0, 0] [%[[ROWS]], 16] [1, 1]
  // CHECK: %[[B:.*]] = memref.subview %[[X]][0, 0] [%[[ROWS]], 16] [1, 1]
  // CHECK: %[[Y:.*]] = memref.alloc() : memref<8x16xf32>
  // CHECK: %[[C:.*]] = memref.subview %[[Y]][0, 0] [%[[ROWS]], 16] [1, 1]
  // CHECK: linalg.generic {{.*}} ins(%[[A]], %[[B]] : {{.*}}) outs(%[[C]] :
  // CHECK: arith.mulf %{{.*}}, %{{.*}} : f32
  %y = arith.mulf %x, %x : tensor<?x16xf32>
  // From here on only the rows asked for.
  // CHECK: %[[Z:.*]] = memref.alloc() : memref<8x16xf32>
  // CHECK: gemma.select_rows(%[[Y]], %[[O]]) into(%[[Z]]) rows(%[[OUT_ROWS]])
  %z = gemma.select_rows(%y, %o) : (tensor<?x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  // The result goes to the caller's buffer.
  // CHECK-NOT: memref.alloc
  // CHECK: gemma.linear(%[[Z]], %[[E]]) into(%[[LOGITS]]) rows(%[[OUT_ROWS]])
  %l = gemma.linear(%z, %e) : (tensor<?x16xf32>, !e) -> tensor<?x32xf32>
  // CHECK: return{{$}}
  return %l : tensor<?x32xf32>
}

// -----

!c = !gemma.kv_cache<heads = 1, head_dim = 16, element = f32, window = 0>
gemma.weight @e : tensor<16x16xf32> as #gemma.encoding<f32, panel = 16>
gemma.kv_cache @kv.0 : !c
// An op without a result gets the count of rows only; a cache is a handle.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[ROWS:[^:]*]]: index, %{{[^:]*}}: index) {
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x16xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x16xf32>
  // CHECK: %[[C:.*]] = gemma.kv_cache_ref @kv.0
  %c = gemma.kv_cache_ref @kv.0 : !c
  // CHECK: gemma.cache_write(%{{.*}}, %{{.*}}, %[[C]], %{{.*}}, %{{.*}}) rows(%[[ROWS]])
  gemma.cache_write(%x, %x, %c, %p, %s) : (tensor<?x16xf32>, tensor<?x16xf32>, !c, tensor<?xi32>, tensor<?xi32>) -> ()
  // A position can be computed like any other row.
  // CHECK: %[[P:.*]] = memref.alloc() : memref<8xi32>
  // CHECK: arith.addi %{{.*}}, %{{.*}} : i32
  %twice = arith.addi %p, %p : tensor<?xi32>
  // CHECK: gemma.attention(%{{.*}}, %[[C]], %[[P]], %{{.*}}) into(%{{.*}}) rows(%[[ROWS]])
  %a = gemma.attention(%x, %c, %twice, %s) {q_scale = 1.0 : f64, window = 0 : i64} : (tensor<?x16xf32>, !c, tensor<?xi32>, tensor<?xi32>) -> tensor<?x16xf32>
  return %a : tensor<?x16xf32>
}
