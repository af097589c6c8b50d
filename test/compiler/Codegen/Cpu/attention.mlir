// RUN: split-file %s %t
// RUN: cat %t/bf16dot %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,DOT
// RUN: cat %t/avx512 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FMA
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,GENERIC

//--- bf16dot
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = ["avx512bf16", "avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni", "fma"], stub = false}} {
//--- avx512
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // The widest block is 8 queries by two vectors of keys (of 16 pairs each)
    // or of channels; the others follow.
    // CHECK-LABEL: func.func @bf16(
    // DOT: iter_args({{(%[a-z0-9_]+ = %[a-z0-9_]+(, )?){16}[)]}}
    // DOT-COUNT-16: x86vector.avx512.dot
    // DOT-NOT: vector.fma
    // FMA: iter_args({{(%[a-z0-9_]+ = %[a-z0-9_]+(, )?){16}[)]}}
    // FMA-COUNT-32: vector.fma
    // FMA-NOT: x86vector
    // GENERIC: iter_args({{(%[a-z0-9_]+ = %[a-z0-9_]+(, )?){2}[)]}}
    // GENERIC-NOT: vector.fma
    // GENERIC: arith.mulf
    // The softmax is over whole vectors.
    // CHECK: math.exp %{{.*}} : vector<16xf32>
    // CHECK: return
    func.func @bf16(%q: memref<8x256xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %y: memref<8x256xf32>, %rows: index, %begin: index, %end: index) {
      gemma.attention(%q, %c, %p, %s) into(%y) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x256xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x256xf32>, index) -> ()
      return
    }

    // f32 takes no pairs and rounds nothing.
    // CHECK-LABEL: func.func @f32(
    // CHECK-NOT: bf16
    // CHECK-NOT: x86vector
    // CHECK: return
    func.func @f32(%q: memref<8x256xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %y: memref<8x256xf32>, %rows: index, %begin: index, %end: index) {
      gemma.attention(%q, %c, %p, %s) into(%y) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x256xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x256xf32>, index) -> ()
      return
    }

    // i8 becomes f32; a scale is 4 bytes of the cache.
    // CHECK-LABEL: func.func @i8(
    // CHECK: arith.sitofp %{{.*}} : vector<16xi8> to vector<16xf32>
    // CHECK: vector.bitcast %{{.*}} : vector<64xi8> to vector<16xf32>
    // CHECK: return
    func.func @i8(%q: memref<8x256xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = i8, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %y: memref<8x256xf32>, %rows: index, %begin: index, %end: index) {
      gemma.attention(%q, %c, %p, %s) into(%y) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x256xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = i8, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x256xf32>, index) -> ()
      return
    }

    // The step that combines multiplies no query by a key.
    // CHECK-LABEL: func.func @combine(
    // CHECK-NOT: x86vector
    // CHECK-NOT: vector.fma
    // CHECK: math.exp
    // CHECK: return
    func.func @combine(%q: memref<8x256xf32>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, %p: memref<8xi32>, %s: memref<8xi32>, %partials: memref<8x6144xf32>, %y: memref<8x256xf32>, %rows: index, %begin: index, %end: index) {
      gemma.attention(%q, %c, %p, %s) partials(%partials) into(%y) rows(%rows) {combine, q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x256xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, memref<8x6144xf32>, memref<8x256xf32>, index) -> ()
      return
    }
  }
}
