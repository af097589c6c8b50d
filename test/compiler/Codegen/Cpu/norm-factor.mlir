// RUN: split-file %s %t
// RUN: cat %t/avx512 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse > %t/wide.mlir
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse > %t/narrow.mlir
// RUN: FileCheck %t/body < %t/wide.mlir
// A factor has the same bits on every CPU: all but the line of the options is
// the same, so no product is fused with a sum.
// RUN: tail -n +2 %t/wide.mlir > %t/wide.body
// RUN: tail -n +2 %t/narrow.mlir > %t/narrow.body
// RUN: cmp %t/wide.body %t/narrow.body

//--- avx512
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // 1 / sqrt(mean + epsilon). Of 150 columns 128 are summed in chains side by
    // side, 16 go on with the first chain, and 6 are added to the whole.
    // CHECK-LABEL: func.func @chains(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x150xf32>,
    // CHECK-DAG: %[[WIDTH:[a-z0-9_]+]] = arith.constant 1.500000e+02 : f32
    // CHECK-DAG: %[[EPSILON:[a-z0-9_]+]] = arith.constant 1.000000e-03 : f32
    // CHECK-DAG: %[[ONE:[a-z0-9_]+]] = arith.constant 1.000000e+00 : f32
    // CHECK-NOT: vector.fma
    // CHECK: %[[SUMS:[0-9]+]]:4 = scf.for %[[K:[a-z0-9]+]] = %c0 to %c128 step %c64 iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK-NEXT: %[[V:[0-9]+]] = vector.load %[[X]][%[[ROW:[a-z0-9]+]], %[[K]]] : memref<8x150xf32>, vector<16xf32>
    // CHECK-NEXT: %[[SQUARES:[0-9]+]] = arith.mulf %[[V]], %[[V]]
    // CHECK-NEXT: arith.addf %[[ACC]], %[[SQUARES]]
    // CHECK: scf.yield
    // CHECK: %[[V:[0-9]+]] = vector.load %[[X]][%[[ROW]], %c128] : memref<8x150xf32>, vector<16xf32>
    // CHECK-NEXT: %[[SQUARES:[0-9]+]] = arith.mulf %[[V]], %[[V]]
    // CHECK-NEXT: arith.addf %[[SUMS]]#0, %[[SQUARES]]
    // CHECK: %[[V:[0-9]+]] = vector.load %[[X]][%[[ROW]], %c144] : memref<8x150xf32>, vector<6xf32>
    // CHECK-NEXT: arith.mulf %[[V]], %[[V]]
    // CHECK: %[[MEAN:[0-9]+]] = arith.divf %{{[0-9]+}}, %[[WIDTH]]
    // CHECK-NEXT: %[[SAFE:[0-9]+]] = arith.addf %[[MEAN]], %[[EPSILON]]
    // CHECK-NEXT: %[[ROOT:[0-9]+]] = math.sqrt %[[SAFE]]
    // CHECK-NEXT: arith.divf %[[ONE]], %[[ROOT]]
    // CHECK-NOT: vector.fma
    // CHECK: return
    func.func @chains(%x: memref<8x150xf32>, %y: memref<8x150xf32>, %rows: index, %begin: index, %end: index) {
      gemma.rms_norm(%x) into(%y) rows(%rows) {epsilon = 1.0e-3 : f64} : (memref<8x150xf32>, memref<8x150xf32>, index) -> ()
      return
    }

    // A weight with offset counts as 1 + w, in f32, times a value that has its
    // factor.
    // CHECK-LABEL: func.func @offset(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x16xf32>, %[[W:[^:]*]]: memref<64xi8>, %[[Y:[^:]*]]: memref<8x16xbf16>
    // CHECK-DAG: %[[ONES:[a-z0-9_]+]] = arith.constant dense<1.000000e+00> : vector<16xf32>
    // CHECK: %[[WEIGHT:[a-z0-9_]+]] = memref.view %[[W]]
    // CHECK: %[[F:[0-9]+]] = vector.broadcast %{{[0-9]+}} : f32 to vector<16xf32>
    // CHECK: %[[SCALED:[0-9]+]] = arith.mulf %{{[0-9]+}}, %[[F]]
    // CHECK-NEXT: %[[PART:[0-9]+]] = vector.load %[[WEIGHT]][%c0]
    // CHECK-NEXT: %[[SUM:[0-9]+]] = arith.addf %[[PART]], %[[ONES]]
    // CHECK-NEXT: arith.mulf %[[SCALED]], %[[SUM]]
    // CHECK: return
    func.func @offset(%x: memref<8x16xf32>, %w: !gemma.packed<16, #gemma.encoding<f32, panel = 0>>, %y: memref<8x16xbf16>, %rows: index, %begin: index, %end: index) {
      gemma.rms_norm(%x, %w) into(%y) rows(%rows) {epsilon = 1.0e-3 : f64, unit_offset = true} : (memref<8x16xf32>, !gemma.packed<16, #gemma.encoding<f32, panel = 0>>, memref<8x16xbf16>, index) -> ()
      return
    }

    // CHECK-LABEL: func.func @no_offset(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x16xf32>, %[[W:[^:]*]]: memref<64xi8>,
    // CHECK: %[[WEIGHT:[a-z0-9_]+]] = memref.view %[[W]]
    // CHECK: %[[PART:[0-9]+]] = vector.load %[[WEIGHT]][%c0]
    // CHECK-NEXT: arith.mulf %{{[0-9]+}}, %[[PART]]
    // CHECK: return
    func.func @no_offset(%x: memref<8x16xf32>, %w: !gemma.packed<16, #gemma.encoding<f32, panel = 0>>, %y: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      gemma.rms_norm(%x, %w) into(%y) rows(%rows) {epsilon = 1.0e-3 : f64} : (memref<8x16xf32>, !gemma.packed<16, #gemma.encoding<f32, panel = 0>>, memref<8x16xf32>, index) -> ()
      return
    }
  }
}
