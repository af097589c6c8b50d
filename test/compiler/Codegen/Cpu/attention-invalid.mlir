// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --split-input-file --verify-diagnostics

module {
  module @kernels {
    func.func @attention_0(%q: memref<8x30xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 15, element = bf16, window = 0>, %p: memref<8xi32>, %y: memref<8x30xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected an even head_dim for a bf16 cache, found 15}}
      gemma.attention(%q, %c, %p, %p) into(%y) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x30xf32>, !gemma.kv_cache<heads = 1, head_dim = 15, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x30xf32>, index) -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @attention_0(%q: memref<8x32xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, %p: memref<8xi32>, %partials: memref<8x64xf32>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected partials of type 'memref<8x768xf32>', found 'memref<8x64xf32>'}}
      gemma.attention(%q, %c, %p, %p) partials(%partials) into(%y) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x32xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x64xf32>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @rope_attention_0(%q: memref<8x32xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, %p: memref<8xi32>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{has no table to read its angles from}}
      gemma.rope_attention(%q, %c, %p, %p) into(%y) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (memref<8x32xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @rope_attention_0(%q: memref<8x64xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, %t: !gemma.packed<257x2x16, #gemma.encoding<f32, panel = 0>>, %p: memref<8xi32>, %y: memref<8x80xi8>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected a result of f32 or bf16 rows, found 'memref<8x80xi8>'}}
      gemma.rope_attention(%q, %c, %p, %p, %t) into(%y) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64, kind = #gemma.kind<q8_0>} : (memref<8x64xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, !gemma.packed<257x2x16, #gemma.encoding<f32, panel = 0>>, memref<8x80xi8>, index) -> ()
      return
    }
  }
}
