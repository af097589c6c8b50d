// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

module {
  module @kernels {
    // Items 0 and 1 are the 40 columns of the first weight, 2 and 3 the 64 of the
    // second, in its own numbering. Both read the same packed rows, the factors
    // are those of x, and each stores into its own buffer.
    // CHECK-LABEL: func.func @two_weights(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[P:[^:]*]]: memref<8x64xf32>, %[[A:[^:]*]]: memref<12288xi8>, %[[B:[^:]*]]: memref<16384xi8>, %[[Y:[^:]*]]: memref<8x40xf32>, %[[Z:[^:]*]]: memref<8x64xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK-DAG: %[[FACTORS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf32>
    // CHECK: scf.for %{{[a-z0-9]+}} = %c0 to %[[ROWS]]
    // CHECK: vector.load %[[X]][
    // CHECK-NOT: %[[P]][
    // CHECK: math.sqrt
    // CHECK: memref.store %{{[0-9]+}}, %[[FACTORS]]
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] = %[[BEGIN]] to %[[END]]
    // CHECK-NOT: %[[X]][
    // CHECK-NOT: math.sqrt
    // CHECK: %[[FIRST:[0-9]+]] = arith.cmpi slt, %[[ITEM]], %c2
    // CHECK: scf.if %[[FIRST]] {
    // CHECK: vector.load %[[A]][
    // CHECK-NOT: %[[B]][
    // CHECK: memref.load %[[P]][
    // CHECK-NOT: %[[B]][
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[F:[0-9]+]] = memref.load %[[FACTORS]][%[[ROW]]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = vector.broadcast %[[F]]
    // CHECK-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[LOW]], %[[FACTOR]]
    // CHECK-NEXT: vector.store %[[SCALED]], %[[Y]][%[[ROW]],
    // CHECK: vector.store %{{.*}}, %[[Y]][{{.*}}] : memref<8x40xf32>, vector<8xf32>
    // CHECK: %[[LOCAL:[0-9]+]] = arith.subi %[[ITEM]], %c2
    // CHECK: %[[SECOND:[0-9]+]] = arith.cmpi slt, %[[LOCAL]], %c2
    // CHECK: scf.if %[[FIRST]] {
    // CHECK-NEXT: } else {
    // CHECK-NEXT: scf.if %[[SECOND]] {
    // CHECK-NEXT: %[[COLUMN:[0-9]+]] = arith.muli %[[LOCAL]], %c32
    // CHECK-NOT: %[[A]][
    // CHECK: vector.load %[[B]][
    // CHECK: memref.load %[[P]][
    // CHECK: memref.load %[[FACTORS]][
    // CHECK-NOT: %[[Y]][
    // CHECK: vector.store %{{[0-9]+}}, %[[Z]][%{{[a-z0-9]+}}, %[[COLUMN]]] : memref<8x64xf32>, vector<16xf32>
    // CHECK-NOT: %[[A]][
    // CHECK: return
    func.func @two_weights(%x: memref<8x64xf32>, %p: memref<8x64xf32>, %a: !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, %b: !gemma.packed<64x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x40xf32>, %z: memref<8x64xf32>, %rows: index, %begin: index, %end: index) {
      gemma.norm_linear x(%x) packed(%p) weights(%a, %b) into(%y, %z) rows(%rows) {epsilon = 1.0e-6 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<64x64, #gemma.encoding<f32, panel = 16>>, memref<8x40xf32>, memref<8x64xf32>, index) -> ()
      return
    }
  }
}
