// RUN: gemma-opt %s --split-input-file --verify-diagnostics --gemma-interpret

!w = !gemma.packed<4x4, #gemma.encoding<f32, panel = 16>>
gemma.weight @w : tensor<4x4xf32>
    from #gemma.random<seed = 1, bound = 0.5 : f64>
    as #gemma.encoding<f32, panel = 16>
func.func @main() {
  %rows = arith.constant 2 : index
  %w = gemma.weight_ref @w : !w
  %x = memref.alloc() : memref<2x4xf32>
  %y = memref.alloc() : memref<2x4xf32>
  // expected-error @+1 {{writes the rows that it reads}}
  gemma.norm_linear x(%x) packed(%x) weights(%w, %w) into(%y, %x) rows(%rows)
      {epsilon = 1.0e-3 : f64}
      : (memref<2x4xf32>, memref<2x4xf32>, !w, !w, memref<2x4xf32>,
         memref<2x4xf32>, index) -> ()
  return
}

// -----

// Two results that share a byte of the arena.
!w = !gemma.packed<4x4, #gemma.encoding<f32, panel = 16>>
gemma.weight @w : tensor<4x4xf32>
    from #gemma.random<seed = 1, bound = 0.5 : f64>
    as #gemma.encoding<f32, panel = 16>
func.func @main() {
  %rows = arith.constant 2 : index
  %c0 = arith.constant 0 : index
  %c28 = arith.constant 28 : index
  %w = gemma.weight_ref @w : !w
  %arena = memref.alloc() : memref<128xi8>
  %x = memref.alloc() : memref<2x4xf32>
  %y = memref.view %arena[%c0][] : memref<128xi8> to memref<2x4xf32>
  %z = memref.view %arena[%c28][] : memref<128xi8> to memref<2x4xf32>
  // expected-error @+1 {{writes two results to the same bytes}}
  gemma.norm_linear x(%x) packed(%x) weights(%w, %w) into(%y, %z) rows(%rows)
      {epsilon = 1.0e-3 : f64}
      : (memref<2x4xf32>, memref<2x4xf32>, !w, !w, memref<2x4xf32>,
         memref<2x4xf32>, index) -> ()
  return
}

// -----

// A result over the residual of another buffer.
!w = !gemma.packed<4x4, #gemma.encoding<f32, panel = 16>>
gemma.weight @w : tensor<4x4xf32>
    from #gemma.random<seed = 1, bound = 0.5 : f64>
    as #gemma.encoding<f32, panel = 16>
func.func @main() {
  %rows = arith.constant 2 : index
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %one = arith.constant dense<1.0> : tensor<2x4xf32>
  %w = gemma.weight_ref @w : !w
  %arena = memref.alloc() : memref<128xi8>
  %x = memref.alloc() : memref<2x4xf32>
  %r = memref.view %arena[%c0][] : memref<128xi8> to memref<2x4xf32>
  %y = memref.view %arena[%c16][] : memref<128xi8> to memref<2x4xf32>
  %zero = memref.get_global @zero : memref<2x4xf32>
  memref.copy %zero, %x : memref<2x4xf32> to memref<2x4xf32>
  memref.copy %zero, %r : memref<2x4xf32> to memref<2x4xf32>
  // expected-error @+1 {{reads 32 bytes of a buffer that another buffer overwrote}}
  gemma.linear_residual(%x, %w) residual(%r) into(%y) rows(%rows)
      : (memref<2x4xf32>, !w, memref<2x4xf32>, memref<2x4xf32>, index) -> ()
  return
}
memref.global constant @zero : memref<2x4xf32> = dense<0.0>

// -----

func.func @main() {
  %x = arith.constant dense<1.0> : tensor<2x4xf32>
  %w = arith.constant dense<1.0> : tensor<8x4xf32>
  %i = arith.constant dense<[0, 2]> : tensor<2xi32>
  // expected-error @+1 {{expected row numbers below 2, found 2}}
  %y = gemma.lm_head x(%x) of(%i) weight(%w) {epsilon = 1.0e-3 : f64}
      : (tensor<2x4xf32>, tensor<2xi32>, tensor<8x4xf32>) -> tensor<2x8xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
gemma.kv_cache @kv.0 : !cache
func.func @main() {
  %x = arith.constant dense<1.0> : tensor<1x4xf32>
  %w = arith.constant dense<1.0> : tensor<32x4xf32>
  %p = arith.constant dense<-1> : tensor<1xi32>
  %c = gemma.kv_cache_ref @kv.0 : !cache
  // expected-error @+1 {{expected positions of 0 or more, found -1}}
  %q = gemma.norm_qkv x(%x) weights(%w, %w, %w) cache(%c) at(%p, %p)
      {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<1x4xf32>, tensor<32x4xf32>, tensor<32x4xf32>, tensor<32x4xf32>,
         !cache, tensor<1xi32>, tensor<1xi32>) -> tensor<1x32xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
gemma.kv_cache @kv.0 : !cache
func.func @main() {
  %q = arith.constant dense<1.0> : tensor<1x32xf32>
  %p = arith.constant dense<3> : tensor<1xi32>
  %c = gemma.kv_cache_ref @kv.0 : !cache
  // expected-error @+1 {{reads position 0 of slot 3, which nothing wrote}}
  %o = gemma.rope_attention(%q, %c, %p, %p) {q_scale = 0.5 : f64,
      window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<1x32xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> tensor<1x32xf32>
  return
}
