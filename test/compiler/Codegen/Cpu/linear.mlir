// RUN: split-file %s %t
// RUN: cat %t/bf16dot %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,DOT
// RUN: cat %t/avx512 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FMA
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,GENERIC

//--- bf16dot
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = ["avx512bf16", "avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- avx512
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // Two whole panels and an even K: no branch, one loop per row block.
    // CHECK-LABEL: func.func @even(
    // CHECK-SAME: memref<8x64xbf16>, %{{.*}}: memref<4096xi8>, %{{.*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-NOT: scf.if
    // CHECK: scf.for %{{.*}} = %[[BEGIN]] to %[[END]]
    // The widest block: sums of 2 panels for 6 rows, or for 1.
    // DOT: iter_args({{(%[a-z0-9_]+ = %[a-z0-9_]+(, )?){12}[)]}}
    // DOT-COUNT-12: x86vector.avx512.dot
    // FMA: iter_args({{(%[a-z0-9_]+ = %[a-z0-9_]+(, )?){12}[)]}}
    // FMA-COUNT-24: vector.fma
    // GENERIC: iter_args({{(%[a-z0-9_]+ = %[a-z0-9_]+(, )?){2}[)]}}
    // GENERIC-NOT: vector.fma
    // GENERIC-COUNT-4: arith.mulf
    // GENERIC-NOT: arith.mulf
    func.func @even(%x: memref<8x64xbf16>, %w: !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xbf16>, !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // Three panels, the last with 8 columns, and an odd K: the last item takes
    // one panel, stores half of it, and the last pair has one value.
    // CHECK-LABEL: func.func @odd(
    // CHECK-SAME: memref<5376xi8>
    // CHECK: memref.view %{{.*}} : memref<5376xi8> to memref<3x28x32xbf16>
    // CHECK: scf.if
    // CHECK: arith.extui %{{.*}} : i16 to i32
    // CHECK: vector.store %{{.*}} : memref<8x40xf32>, vector<16xf32>
    // CHECK: } else {
    // CHECK: vector.extract_strided_slice {{.*}} : vector<16xf32> to vector<8xf32>
    // CHECK: vector.store %{{.*}} : memref<8x40xf32>, vector<8xf32>
    func.func @odd(%x: memref<8x55xbf16>, %w: !gemma.packed<40x55, #gemma.encoding<bf16, panel = 16>>, %y: memref<8x40xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xbf16>, !gemma.packed<40x55, #gemma.encoding<bf16, panel = 16>>, memref<8x40xf32>, index) -> ()
      return
    }

    // f32 takes no pairs.
    // CHECK-LABEL: func.func @f32(
    // CHECK: memref.view %{{.*}} : memref<3520xi8> to memref<1x55x16xf32>
    // CHECK-NOT: bf16
    // CHECK: vector.broadcast %{{.*}} : f32 to vector<16xf32>
    func.func @f32(%x: memref<8x55xf32>, %w: !gemma.packed<16x55, #gemma.encoding<f32, panel = 16>>, %y: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xf32>, !gemma.packed<16x55, #gemma.encoding<f32, panel = 16>>, memref<8x16xf32>, index) -> ()
      return
    }
  }
}
