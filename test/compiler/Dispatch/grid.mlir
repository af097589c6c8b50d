// RUN: gemma-opt %s --gemma-outline-kernels | FileCheck %s

!c32 = !gemma.kv_cache<heads = 2, head_dim = 64, element = f32, window = 0>
!wq = !gemma.packed<256x64, #gemma.encoding<f32, panel = 16>>
!wkv = !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>
!t = !gemma.packed<258x2x32, #gemma.encoding<f32, panel = 0>>
gemma.kv_cache @kv.1 : !c32
gemma.weight @q : tensor<256x64xf32> as #gemma.encoding<f32, panel = 16>
gemma.weight @k : tensor<128x64xf32> as #gemma.encoding<f32, panel = 16>
gemma.weight @t : tensor<258x2x32xf32> as #gemma.encoding<f32, panel = 0>

!c = !gemma.kv_cache<heads = 2, head_dim = 16, element = f32, window = 0>
!w = !gemma.packed<80x64, #gemma.encoding<f32, panel = 16>>
gemma.kv_cache @kv.0 : !c
gemma.weight @w : tensor<80x64xf32> as #gemma.encoding<f32, panel = 16>

// CHECK-LABEL: func.func @forward
func.func @forward(%x: memref<8x64xf32>, %y: memref<8x80xf32>, %wide: memref<8x2050xf32>, %i: memref<8xi32>, %m: index, %p: index, %partials: memref<8x1024xf32>, %q: memref<8x256xf32>) {
  %c = gemma.kv_cache_ref @kv.0 : !c
  %w = gemma.weight_ref @w : !w
  // Five panels, two at a time, all rows in each item.
  // CHECK: @linear_0{{.*}} row_tile = 0 : i64, tiles = 3 : i64
  gemma.linear(%x, %w) into(%y) rows(%m) : (memref<8x64xf32>, !w, memref<8x80xf32>, index) -> ()
  // Each key head of each row.
  // CHECK: @attention_0{{.*}} row_tile = 1 : i64, tiles = 2 : i64
  gemma.attention(%x, %c, %i, %i) into(%x) rows(%m) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x64xf32>, !c, memref<8xi32>, memref<8xi32>, memref<8x64xf32>, index) -> ()
  // Piece by piece, of 16; then put together.
  // CHECK: @attention_1{{.*}} row_tile = 1 : i64, tiles = 32 : i64
  gemma.attention(%x, %c, %i, %i) partials(%partials) into(%x) rows(%m) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x64xf32>, !c, memref<8xi32>, memref<8xi32>, memref<8x1024xf32>, memref<8x64xf32>, index) -> ()
  // CHECK: @attention_2{{.*}} row_tile = 1 : i64, tiles = 2 : i64
  gemma.attention(%x, %c, %i, %i) partials(%partials) into(%x) rows(%m) {combine, q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x64xf32>, !c, memref<8xi32>, memref<8xi32>, memref<8x1024xf32>, memref<8x64xf32>, index) -> ()
  // A wide row in tiles of 1024 columns.
  // CHECK: @softcap_0{{.*}} row_tile = 1 : i64, tiles = 3 : i64
  gemma.softcap(%wide) into(%wide) rows(%m) {cap = 1.0 : f64} : (memref<8x2050xf32>, memref<8x2050xf32>, index) -> ()
  // CHECK: @geglu_0{{.*}} row_tile = 1 : i64, tiles = 1 : i64
  gemma.geglu(%x, %x) into(%x) rows(%m) {gelu = #gemma.gelu<tanh>} : (memref<8x64xf32>, memref<8x64xf32>, memref<8x64xf32>, index) -> ()
  // Pairs of panels: four of keys, four of values, eight of queries.
  // CHECK: @norm_qkv_0{{.*}} row_tile = 0 : i64, tiles = 16 : i64
  %c1 = gemma.kv_cache_ref @kv.1 : !c32
  %wq = gemma.weight_ref @q : !wq
  %wk = gemma.weight_ref @k : !wkv
  %t = gemma.weight_ref @t : !t
  gemma.norm_qkv x(%x) packed(%x) weights(%wq, %wk, %wk) cache(%c1) at(%i, %i) table(%t) into(%q) rows(%m) {base = 1.0e4 : f64, epsilon = 0.0 : f64, position_scale = 1.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !wq, !wkv, !wkv, !c32, memref<8xi32>, memref<8xi32>, !t, memref<8x256xf32>, index) -> ()
  // Normed keys by the head: two of them.
  // CHECK: @norm_qkv_1{{.*}} row_tile = 0 : i64, tiles = 14 : i64
  gemma.norm_qkv x(%x) packed(%x) weights(%wq, %wk, %wk) cache(%c1) at(%i, %i) table(%t) into(%q) rows(%m) {base = 1.0e4 : f64, epsilon = 0.0 : f64, position_scale = 1.0 : f64, k_epsilon = 0.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !wq, !wkv, !wkv, !c32, memref<8xi32>, memref<8xi32>, !t, memref<8x256xf32>, index) -> ()
  // CHECK: @norm_residual_0{{.*}} row_tile = 1 : i64, tiles = 1 : i64
  gemma.norm_residual(%x) residual(%x) into(%x) rows(%m) {epsilon = 0.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, memref<8x64xf32>, index) -> ()
  // A row.
  // CHECK: @rms_norm_0{{.*}} row_tile = 1 : i64, tiles = 1 : i64
  gemma.rms_norm(%x) into(%x) rows(%m) {epsilon = 0.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, index) -> ()
  return
}
