// RUN: gemma-opt %s --cse --canonicalize | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

// CHECK-LABEL: @unused_tensor_ops_go
func.func @unused_tensor_ops_go(%x: tensor<?x16xf32>,
                                %positions: tensor<?xi32>,
                                %slots: tensor<?xi32>, %cache: !cache) {
  // CHECK-NEXT: return
  %0 = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<?x16xf32>) -> tensor<?x16xf32>
  %1 = gemma.attention(%x, %cache, %positions, %slots)
      {q_scale = 1.0 : f64, window = 0 : i64}
      : (tensor<?x16xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x16xf32>
  return
}

// CHECK-LABEL: @equal_tensor_ops_merge
func.func @equal_tensor_ops_merge(%x: tensor<?x16xf32>)
    -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  // CHECK: %[[Y:.*]] = gemma.softcap
  // CHECK-NEXT: return %[[Y]], %[[Y]]
  %0 = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<?x16xf32>) -> tensor<?x16xf32>
  %1 = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<?x16xf32>) -> tensor<?x16xf32>
  return %0, %1 : tensor<?x16xf32>, tensor<?x16xf32>
}

// A write to the cache lies between: the two read different keys.
// CHECK-LABEL: @cache_write_keeps_attentions_apart
func.func @cache_write_keeps_attentions_apart(
    %x: tensor<?x16xf32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %cache: !cache) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  // CHECK: %[[A:.*]] = gemma.attention
  // CHECK: gemma.cache_write
  // CHECK: %[[B:.*]] = gemma.attention
  // CHECK: return %[[A]], %[[B]]
  %0 = gemma.attention(%x, %cache, %positions, %slots)
      {q_scale = 1.0 : f64, window = 0 : i64}
      : (tensor<?x16xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x16xf32>
  gemma.cache_write(%x, %x, %cache, %positions, %slots)
      : (tensor<?x16xf32>, tensor<?x16xf32>, !cache, tensor<?xi32>,
         tensor<?xi32>) -> ()
  %1 = gemma.attention(%x, %cache, %positions, %slots)
      {q_scale = 1.0 : f64, window = 0 : i64}
      : (tensor<?x16xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x16xf32>
  return %0, %1 : tensor<?x16xf32>, tensor<?x16xf32>
}

// CHECK-LABEL: @buffer_ops_stay
func.func @buffer_ops_stay(%x: memref<8x16xf32>, %out: memref<8x16xf32>,
                           %rows: index) {
  // CHECK-COUNT-2: gemma.softcap
  gemma.softcap(%x) into(%out) rows(%rows) {cap = 30.0 : f64}
      : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  gemma.softcap(%out) into(%out) rows(%rows) {cap = 30.0 : f64}
      : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  return
}

// Nothing but the op reads a buffer that was allocated here, but it is written
// before it is read, so the alloc and the ops stay in order.
// CHECK-LABEL: @written_then_read
func.func @written_then_read(%x: memref<8x16xf32>, %out: memref<8x16xf32>,
                             %rows: index) {
  // CHECK: %[[T:.*]] = memref.alloc
  // CHECK: gemma.softcap({{.*}}) into(%[[T]])
  // CHECK: gemma.softcap(%[[T]])
  %t = memref.alloc() : memref<8x16xf32>
  gemma.softcap(%x) into(%t) rows(%rows) {cap = 30.0 : f64}
      : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  gemma.softcap(%t) into(%out) rows(%rows) {cap = 30.0 : f64}
      : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  return
}

// What a fused op writes to the cache is an effect like cache_write's.
// CHECK-LABEL: @norm_qkv_stays
func.func @norm_qkv_stays(%x: tensor<?x16xf32>, %w: tensor<32x16xf32>,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>,
    %cache: !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>) {
  // CHECK: gemma.norm_qkv
  %0 = gemma.norm_qkv x(%x) weights(%w, %w, %w) cache(%cache)
      at(%positions, %slots) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x16xf32>, tensor<32x16xf32>, tensor<32x16xf32>,
         tensor<32x16xf32>,
         !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>,
         tensor<?xi32>, tensor<?xi32>) -> tensor<?x32xf32>
  return
}

// Both buffers are written, and only read before.
// CHECK-LABEL: @two_buffers
func.func @two_buffers(%x: memref<8x16xf32>, %w: !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>,
                       %out0: memref<8x16xf32>, %rows: index) {
  // CHECK: %[[T:.*]] = memref.alloc
  // CHECK: gemma.norm_linear {{.*}} into(%{{.*}}, %[[T]])
  // CHECK: gemma.softcap(%[[T]])
  %t = memref.alloc() : memref<8x16xf32>
  gemma.norm_linear x(%x) packed(%x) weights(%w, %w) into(%out0, %t) rows(%rows)
      {epsilon = 1.0e-3 : f64}
      : (memref<8x16xf32>, memref<8x16xf32>,
         !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>,
         !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>,
         memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  gemma.softcap(%t) into(%out0) rows(%rows) {cap = 30.0 : f64}
      : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  return
}
