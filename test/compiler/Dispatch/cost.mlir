// RUN: gemma-opt %s --gemma-outline-kernels | FileCheck %s

!c = !gemma.kv_cache<heads = 2, head_dim = 16, element = bf16, window = 0>
!w = !gemma.packed<80x64, #gemma.encoding<bf16, panel = 16>>
gemma.kv_cache @kv.0 : !c
gemma.weight @w : tensor<80x64xf32> as #gemma.encoding<bf16, panel = 16>
!n = !gemma.packed<64, #gemma.encoding<f32, panel = 0>>
gemma.weight @n : tensor<64xf32> as #gemma.encoding<f32, panel = 0>

// CHECK-LABEL: func.func @forward
func.func @forward(%b: memref<8x64xbf16>, %x: memref<8x64xf32>, %k: memref<8x32xf32>, %y: memref<8x80xf32>, %i: memref<8xi32>, %m: index, %p: index) {
  %c = gemma.kv_cache_ref @kv.0 : !c
  %w = gemma.weight_ref @w : !w
  // One row of the table in bf16, the row out in f32, the token.
  // CHECK: @embed_0{{.*}}{fixed_bytes = 0 : i64, {{.*}} row_bytes = 388 : i64, row_operations = 64 : i64
  gemma.embed(%i, %w) into(%x) rows(%m) {scale = 1.0 : f64} : (memref<8xi32>, !w, memref<8x64xf32>, index) -> ()
  // 80 * 64 * 2 bytes; 64 * 2 in and 80 * 4 out; 2 * 80 * 64 operations.
  // CHECK: @linear_0{{.*}}{fixed_bytes = 10240 : i64, {{.*}} row_bytes = 448 : i64, row_operations = 10240 : i64
  gemma.linear(%b, %w) into(%y) rows(%m) : (memref<8x64xbf16>, !w, memref<8x80xf32>, index) -> ()
  // Per key 2 * 2 * 16 values of 2 bytes, 4 operations for each query channel.
  // CHECK: @attention_0{{.*}} key_bytes = 128 : i64, key_operations = 256 : i64, row_bytes = 520 : i64
  gemma.attention(%x, %c, %i, %i) into(%x) rows(%m) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x64xf32>, !c, memref<8xi32>, memref<8xi32>, memref<8x64xf32>, index) -> ()
  // 2 * 32 floats in, 2 * 32 values of 2 bytes out, position and slot.
  // CHECK: @cache_write_0{{.*}} row_bytes = 392 : i64
  gemma.cache_write(%k, %k, %c, %i, %i) rows(%m) : (memref<8x32xf32>, memref<8x32xf32>, !c, memref<8xi32>, memref<8xi32>, index) -> ()
  // Two vectors of 64 floats; three rows of floats and one of bf16.
  // CHECK: @norm_residual_0{{.*}}{fixed_bytes = 512 : i64, {{.*}} row_bytes = 896 : i64, row_operations = 384 : i64
  %n = gemma.weight_ref @n : !n
  gemma.norm_residual(%x, %n) residual(%x) pack(%n) into(%x, %b) rows(%m) {epsilon = 0.0 : f64, kind = #gemma.kind<bf16>} : (memref<8x64xf32>, !n, memref<8x64xf32>, !n, memref<8x64xf32>, memref<8x64xbf16>, index) -> ()
  return
}
