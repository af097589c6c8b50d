// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --split-input-file --verify-diagnostics | FileCheck %s

// A KV cache becomes keys, values and capacity; a packed weight its bytes.
module {
  module @kernels {
    // CHECK-LABEL: func.func @cache_write_0(
    // CHECK-SAME: %{{[^:]*}}: memref<8x32xf32>, %{{[^:]*}}: memref<8x32xf32>, %{{[^:]*}}: memref<1xbf16>, %{{[^:]*}}: memref<1xbf16>, %{{[^:]*}}: index {gemma.capacity}, %{{[^:]*}}: memref<8xi32>, %{{[^:]*}}: memref<8xi32>, %{{[^:]*}}: index, %{{[^:]*}}: index, %{{[^:]*}}: index) {
    // CHECK-NOT: gemma.
    func.func @cache_write_0(%k: memref<8x32xf32>, %v: memref<8x32xf32>, %c: !gemma.kv_cache<heads = 2, head_dim = 16, element = bf16, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %rows: index, %begin: index, %end: index) {
      gemma.cache_write(%k, %v, %c, %p, %s) rows(%rows) : (memref<8x32xf32>, memref<8x32xf32>, !gemma.kv_cache<heads = 2, head_dim = 16, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, index) -> ()
      return
    }
    // CHECK-LABEL: func.func @rms_norm_0(
    // CHECK-SAME: memref<8x32xf32>, %{{[^:]*}}: memref<128xi8>,
    func.func @rms_norm_0(%x: memref<8x32xf32>, %w: !gemma.packed<32, #gemma.encoding<f32, panel = 0>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.rms_norm(%x, %w) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64} : (memref<8x32xf32>, !gemma.packed<32, #gemma.encoding<f32, panel = 0>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @rope_0(%x: memref<8x32xf32>, %p: memref<8xi32>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{has no table to read its angles from}}
      gemma.rope(%x, %p) into(%y) rows(%rows) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (memref<8x32xf32>, memref<8xi32>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}

// -----

// expected-error @+1 {{expected a module @kernels}}
module {}

// -----

module {
  module @kernels {
    // expected-error @+1 {{has no op to generate code for}}
    func.func @empty(%rows: index, %begin: index, %end: index) {
      return
    }
  }
}

// -----

// Declared only: there is nothing to lower.
module {
  module @kernels {
    // expected-error @+1 {{expected one block that takes rows, begin and end}}
    func.func private @softcap_0(memref<8x16xf32>, index, index, index)
  }
}
