// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --split-input-file --verify-diagnostics

module {
  module @kernels {
    func.func @norm_qkv_0(%x: memref<8x64xf32>, %q: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %k: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %v: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %t: !gemma.packed<260x2x16, #gemma.encoding<f32, panel = 0>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected packed rows and a table}}
      gemma.norm_qkv x(%x) weights(%q, %k, %v) cache(%c) at(%p, %s) table(%t) into(%y) rows(%rows) {base = 1.0e4 : f64, epsilon = 1.0e-6 : f64, position_scale = 1.0 : f64} : (memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>, memref<8xi32>, memref<8xi32>, !gemma.packed<260x2x16, #gemma.encoding<f32, panel = 0>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @norm_qkv_0(%x: memref<8x64xf32>, %packed: memref<8x64xf32>, %q: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %k: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %v: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected packed rows and a table}}
      gemma.norm_qkv x(%x) packed(%packed) weights(%q, %k, %v) cache(%c) at(%p, %s) into(%y) rows(%rows) {base = 1.0e4 : f64, epsilon = 1.0e-6 : f64, position_scale = 1.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @norm_qkv_0(%x: memref<8x64xf32>, %packed: memref<8x64xf32>, %q: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %k: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %v: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = i8, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %t: !gemma.packed<260x2x16, #gemma.encoding<f32, panel = 0>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected an f32 or bf16 cache, found '!gemma.kv_cache<heads = 1, head_dim = 32, element = i8, window = 0>'}}
      gemma.norm_qkv x(%x) packed(%packed) weights(%q, %k, %v) cache(%c) at(%p, %s) table(%t) into(%y) rows(%rows) {base = 1.0e4 : f64, epsilon = 1.0e-6 : f64, position_scale = 1.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.kv_cache<heads = 1, head_dim = 32, element = i8, window = 0>, memref<8xi32>, memref<8xi32>, !gemma.packed<260x2x16, #gemma.encoding<f32, panel = 0>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @norm_qkv_0(%x: memref<8x64xf32>, %packed: memref<8x64xf32>, %q: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %k: !gemma.packed<288x64, #gemma.encoding<f32, panel = 16>>, %v: !gemma.packed<288x64, #gemma.encoding<f32, panel = 16>>, %c: !gemma.kv_cache<heads = 1, head_dim = 288, element = f32, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %t: !gemma.packed<260x2x144, #gemma.encoding<f32, panel = 0>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected normed keys of heads of at most 256, found 288}}
      gemma.norm_qkv x(%x) packed(%packed) weights(%q, %k, %v) cache(%c) at(%p, %s) table(%t) into(%y) rows(%rows) {base = 1.0e4 : f64, epsilon = 1.0e-6 : f64, position_scale = 1.0 : f64, k_epsilon = 1.0e-6 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<288x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<288x64, #gemma.encoding<f32, panel = 16>>, !gemma.kv_cache<heads = 1, head_dim = 288, element = f32, window = 0>, memref<8xi32>, memref<8xi32>, !gemma.packed<260x2x144, #gemma.encoding<f32, panel = 0>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
