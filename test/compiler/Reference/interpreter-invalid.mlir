// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

func.func @main() {
  // expected-error @+1 {{is not known to the interpreter}}
  %x = tensor.empty() : tensor<2xf32>
  return
}

// -----

gemma.weight @w : tensor<2xf32>
func.func @main() {
  %w = gemma.weight_ref @w : tensor<2xf32>
  // expected-error @+1 {{weight @w: expected a source to read it from, found none}}
  %x = arith.addf %w, %w : tensor<2xf32>
  return
}

// -----

// expected-error @+1 {{expected a body of one block}}
func.func private @elsewhere()
func.func @main() {
  func.call @elsewhere() : () -> ()
  return
}

// -----

// The kernel writes what the dispatch does not list.
module @kernels {
  func.func @softcap_0(%x: memref<1x2xf32>, %out: memref<1x2xf32>,
                       %rows: index, %begin: index, %end: index) {
    // expected-error @+1 {{writes a buffer that is only to be read}}
    gemma.softcap(%x) into(%out) rows(%rows) {cap = 1.0 : f64}
        : (memref<1x2xf32>, memref<1x2xf32>, index) -> ()
    return
  }
}
memref.global constant @x : memref<1x2xf32> = dense<1.0>
func.func @main() {
  %x = memref.get_global @x : memref<1x2xf32>
  %out = memref.alloc() : memref<1x2xf32>
  %rows = arith.constant 1 : index
  gemma.dispatch @kernels::@softcap_0(%x, %out) rows(%rows)
      {tiles = 1 : i64, row_tile = 0 : i64, writes = array<i64>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : memref<1x2xf32>, memref<1x2xf32>
  return
}

// -----

// After phase codegen there is nothing left to interpret.
!vector = !gemma.packed<2, #gemma.encoding<f32, panel = 0>>
gemma.weight @w : tensor<2xf32> as #gemma.encoding<f32, panel = 0>
gemma.kv_cache @kv.0
    : !gemma.kv_cache<heads = 1, head_dim = 2, element = f32, window = 0>
module @kernels {
  func.func @kernel_0(%keys: memref<1xf32>, %values: memref<1xf32>,
                      %capacity: index, %rows: index, %begin: index,
                      %end: index) {
    return
  }
}
func.func @main() {
  %cache = gemma.kv_cache_ref @kv.0
      : !gemma.kv_cache<heads = 1, head_dim = 2, element = f32, window = 0>
  %rows = arith.constant 1 : index
  // expected-error @+1 {{expected a kernel from before phase codegen}}
  gemma.dispatch @kernels::@kernel_0(%cache) rows(%rows)
      {tiles = 1 : i64, row_tile = 0 : i64, writes = array<i64>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : !gemma.kv_cache<heads = 1, head_dim = 2, element = f32, window = 0>
  return
}
