// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

!cache = !gemma.kv_cache<heads = 1, head_dim = 2, element = f32, window = 0>
gemma.kv_cache @kv.0 : !cache

// Slot 0 has position 0, slot 1 does not.
func.func @main() {
  %cache = gemma.kv_cache_ref @kv.0 : !cache
  %x = arith.constant dense<1.0> : tensor<1x2xf32>
  %position = arith.constant dense<0> : tensor<1xi32>
  %one = arith.constant dense<1> : tensor<1xi32>
  gemma.cache_write(%x, %x, %cache, %position, %position)
      : (tensor<1x2xf32>, tensor<1x2xf32>, !cache, tensor<1xi32>,
         tensor<1xi32>) -> ()
  // expected-error @+1 {{reads position 0 of slot 1, which nothing wrote}}
  %y = gemma.attention(%x, %cache, %position, %one)
      {q_scale = 1.0 : f64, window = 0 : i64}
      : (tensor<1x2xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> tensor<1x2xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 2, element = f32, window = 0>
gemma.kv_cache @kv.0 : !cache

func.func @main() {
  %cache = gemma.kv_cache_ref @kv.0 : !cache
  %x = arith.constant dense<1.0> : tensor<1x2xf32>
  %position = arith.constant dense<-1> : tensor<1xi32>
  // expected-error @+1 {{expected positions of 0 or more, found -1}}
  %y = gemma.attention(%x, %cache, %position, %position)
      {q_scale = 1.0 : f64, window = 0 : i64}
      : (tensor<1x2xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> tensor<1x2xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 2, element = f32, window = 0>
gemma.kv_cache @kv.0 : !cache

module @kernels {
  func.func @cache_write_0(%x: memref<1x2xf32>, %list: memref<1xi32>,
                           %cache: !cache, %rows: index, %begin: index,
                           %end: index) {
    // expected-error @+1 {{writes a KV cache that its dispatch only reads}}
    gemma.cache_write(%x, %x, %cache, %list, %list) rows(%rows)
        : (memref<1x2xf32>, memref<1x2xf32>, !cache, memref<1xi32>,
           memref<1xi32>, index) -> ()
    return
  }
}
memref.global constant @x : memref<1x2xf32> = dense<1.0>
memref.global constant @list : memref<1xi32> = dense<0>
func.func @main() {
  %cache = gemma.kv_cache_ref @kv.0 : !cache
  %x = memref.get_global @x : memref<1x2xf32>
  %list = memref.get_global @list : memref<1xi32>
  %rows = arith.constant 1 : index
  gemma.dispatch @kernels::@cache_write_0(%x, %list, %cache) rows(%rows)
      {tiles = 1 : i64, row_tile = 0 : i64, writes = array<i64: 0>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : memref<1x2xf32>, memref<1xi32>, !cache
  return
}
