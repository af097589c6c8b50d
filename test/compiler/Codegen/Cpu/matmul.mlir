// RUN: split-file %s %t
// RUN: cat %t/avx512 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,WIDE
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body

// How a matmul goes through rows, K and weights. What it computes is in
// matmul-floats.mlir and matmul-quantized.mlir.

//--- avx512
module attributes {gemma.options = {weights = "f32", max_rows = 4096 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "f32", max_rows = 4096 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // Rows come in tiles, whose sums wait in scratch for just as many rows: from
    // zero, through the chunks of K, to the end of them, where each row is stored.
    // A tile of many rows goes through K chunk by chunk, of few rows in one.
    // CHECK-LABEL: func.func @tiles(
    // CHECK-SAME: %{{[^:]*}}: memref<4096x4096xf32>, %{{[^:]*}}: memref<524288xi8>, %[[Y:[^:]*]]: memref<4096x32xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[ZERO:[a-z0-9_]+]] = arith.constant dense<0.000000e+00> : vector<16xf32>
    // CHECK-DAG: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<[[TILE:[0-9]+]]x32xf32>
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] = %[[BEGIN]] to %[[END]] step %c1 {
    // CHECK-NEXT: %[[COLUMN:[0-9]+]] = arith.muli %[[ITEM]], %c32
    // CHECK: scf.for %[[FIRST:[a-z0-9]+]] = %c0 to %[[ROWS]] step %c[[TILE]] {
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[FIRST]], %c[[TILE]]
    // CHECK-NEXT: %[[LAST:[0-9]+]] = arith.minsi %[[NEXT]], %[[ROWS]]
    // CHECK-NEXT: scf.for %[[ROW:[a-z0-9]+]] = %[[FIRST]] to %[[LAST]] step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]], %c[[TILE]]
    // CHECK-NEXT: vector.store %[[ZERO]], %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: vector.store %[[ZERO]], %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: }
    // CHECK-NEXT: %[[COUNT:[0-9]+]] = arith.subi %[[LAST]], %[[FIRST]]
    // CHECK-NEXT: %[[MANY:[0-9]+]] = arith.cmpi sgt, %[[COUNT]], %c{{[1-9][0-9]*}}
    // CHECK-NEXT: %[[CHUNK:[0-9]+]] = arith.select %[[MANY]], %c{{[1-9][0-9]*}}, %[[ALL:c[0-9]+]]
    // CHECK-NEXT: scf.for %[[BEFORE:[a-z0-9]+]] = %c0 to %[[ALL]] step %[[CHUNK]] {
    // CHECK-NEXT: %[[BEHIND:[0-9]+]] = arith.addi %[[BEFORE]], %[[CHUNK]]
    // CHECK-NEXT: %[[AFTER:[0-9]+]] = arith.minsi %[[BEHIND]], %[[ALL]]
    // CHECK-NOT: %[[Y]][
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]], %c[[TILE]]
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[NEW:[0-9]+]]:2 = scf.for %{{[a-z0-9]+}} = %[[BEFORE]] to %[[AFTER]] step %c1 iter_args(%{{[a-z0-9]+}} = %[[LOW]], %{{[a-z0-9]+}} = %[[HIGH]])
    // CHECK-NOT: %[[Y]][
    // CHECK: scf.yield
    // CHECK-NEXT: }
    // CHECK-NEXT: vector.store %[[NEW]]#0, %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: vector.store %[[NEW]]#1, %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: }
    // CHECK-NEXT: }
    // CHECK-NEXT: scf.for %[[ROW:[a-z0-9]+]] = %[[FIRST]] to %[[LAST]] step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]], %c[[TILE]]
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: vector.store %[[LOW]], %[[Y]][%[[ROW]], %[[COLUMN]]]
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[COLUMN]], %c16
    // CHECK-NEXT: vector.store %[[HIGH]], %[[Y]][%[[ROW]], %[[NEXT]]]
    // CHECK: return
    func.func @tiles(%x: memref<4096x4096xf32>, %w: !gemma.packed<32x4096, #gemma.encoding<f32, panel = 16>>, %y: memref<4096x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<4096x4096xf32>, !gemma.packed<32x4096, #gemma.encoding<f32, panel = 16>>, memref<4096x32xf32>, index) -> ()
      return
    }

    // Blocks of rows follow each other without a gap, down to single rows. A
    // vector of weights is loaded once for all rows of a block, each of which has
    // its own sums. Of no more than 8 rows there is no more scratch.
    // CHECK-LABEL: func.func @blocks(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[W:[^:]*]]: memref<8192xi8>, %{{[^:]*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK: scf.for %[[FIRST:[a-z0-9]+]] = %c0 to %[[ROWS]] step
    // CHECK: %[[LAST:[0-9]+]] = arith.minsi %{{[0-9]+}}, %[[ROWS]]
    // CHECK: vector.store %{{[a-z0-9_]+}}, %[[SUMS]][%{{[0-9]+}}, %c16]
    // WIDE: %[[COUNT:[0-9]+]] = arith.subi %[[LAST]], %[[FIRST]]
    // WIDE: %[[BLOCKS:[0-9]+]] = arith.divui %[[COUNT]], %[[HEIGHT:c[0-9]+]]
    // WIDE-NEXT: %[[COVERED:[0-9]+]] = arith.muli %[[BLOCKS]], %[[HEIGHT]]
    // WIDE-NEXT: %[[STOP:[0-9]+]] = arith.addi %[[FIRST]], %[[COVERED]]
    // WIDE-NEXT: scf.for %[[ROW:[a-z0-9]+]] = %[[FIRST]] to %[[STOP]] step %[[HEIGHT]] {
    // WIDE-NEXT: %[[ROW1:[0-9]+]] = arith.addi %[[ROW]], %c1
    // WIDE: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // WIDE-NEXT: %[[OLD0:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // WIDE-NEXT: %[[PLACE1:[0-9]+]] = arith.remui %[[ROW1]],
    // WIDE-NEXT: %[[OLD1:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE1]], %c0]
    // WIDE: %[[NEW:[0-9]+]]:{{[0-9]+}} = scf.for {{.*}} iter_args(%[[SUM0:[a-z0-9]+]] = %[[OLD0]], %[[SUM1:[a-z0-9]+]] = %[[OLD1]],
    // WIDE: %[[K:[0-9]+]] = arith.muli
    // WIDE: vector.load %[[W]][
    // WIDE-NEXT: %[[LOW:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<64xi8> to vector<16xf32>
    // WIDE: vector.load %[[W]][
    // WIDE-NEXT: %[[HIGH:[0-9]+]] = vector.bitcast
    // WIDE-NEXT: memref.load %[[X]][%[[ROW]], %[[K]]]
    // WIDE-NEXT: %[[X0:[0-9]+]] = vector.broadcast
    // WIDE-NEXT: vector.fma %[[X0]], %[[LOW]], %[[SUM0]]
    // WIDE-NEXT: vector.fma %[[X0]], %[[HIGH]],
    // WIDE-NEXT: memref.load %[[X]][%[[ROW1]], %[[K]]]
    // WIDE-NEXT: %[[X1:[0-9]+]] = vector.broadcast
    // WIDE-NEXT: vector.fma %[[X1]], %[[LOW]], %[[SUM1]]
    // WIDE-NEXT: vector.fma %[[X1]], %[[HIGH]],
    // WIDE: vector.store %[[NEW]]#0, %[[SUMS]][%[[PLACE]], %c0]
    // WIDE-NEXT: vector.store %[[NEW]]#1, %[[SUMS]][%[[PLACE1]], %c0]
    // WIDE: arith.subi %[[LAST]], %[[STOP]]
    // WIDE: scf.for %{{[a-z0-9]+}} = %[[STOP]] to
    // CHECK: scf.for %[[SINGLE:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: scf.for {{.*}} iter_args(
    // CHECK: memref.load %[[X]][%[[SINGLE]],
    // CHECK: return
    func.func @blocks(%x: memref<8x64xf32>, %w: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // With each load of weights a later one is prefetched into the first cache
    // and one still later into the second, in the same panel or, behind its
    // end, in the one that is read next at its side: of a pair of panels that is
    // not the neighbour but the one after it. A panel that is read alone, the
    // last one here, needs no jump.
    // CHECK-LABEL: func.func @prefetches(
    // CHECK-SAME: %{{[^:]*}}: memref<8x4096xf32>, %[[W:[^:]*]]: memref<786432xi8>,
    // CHECK: scf.if
    // CHECK: %[[PANEL:[0-9]+]] = arith.divui %{{[0-9]+}}, %c16
    // CHECK-NEXT: %[[A:[0-9]+]] = arith.muli %[[PANEL]], %c262144
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[PANEL]], %c1
    // CHECK-NEXT: %[[B:[0-9]+]] = arith.muli %[[NEXT]], %c262144
    // CHECK: scf.for %[[UNIT:[a-z0-9]+]] = {{.*}} iter_args(
    // CHECK-NEXT: arith.muli %[[UNIT]], %c[[#STEPS:]]
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.muli %[[UNIT]], %c[[#mul(STEPS,64)]]
    // CHECK-NEXT: %[[INSIDE:[0-9]+]] = arith.cmpi slt, %[[AT]], %c[[#LIMIT:]]
    // CHECK-NEXT: %[[AHEAD:[0-9]+]] = arith.select %[[INSIDE]], %c[[#262144-LIMIT]], %c[[#524288-LIMIT]]
    // CHECK-NEXT: %[[INSIDE:[0-9]+]] = arith.cmpi slt, %[[AT]], %c[[#FAR:]]
    // CHECK-NEXT: %[[BEYOND:[0-9]+]] = arith.select %[[INSIDE]], %c[[#262144-FAR]], %c[[#524288-FAR]]
    // CHECK-NEXT: %[[LATER:[0-9]+]] = arith.addi %[[AT]], %[[AHEAD]]
    // CHECK-NEXT: %[[P:[0-9]+]] = arith.addi %[[A]], %[[LATER]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<3>
    // CHECK-NEXT: %[[LAST:[0-9]+]] = arith.addi %[[AT]], %[[BEYOND]]
    // CHECK-NEXT: %[[P:[0-9]+]] = arith.addi %[[A]], %[[LAST]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<2>
    // CHECK-NEXT: %[[V:[0-9]+]] = arith.addi %[[A]], %[[AT]]
    // CHECK-NEXT: vector.load %[[W]][%[[V]]]
    // CHECK: %[[P:[0-9]+]] = arith.addi %[[B]], %[[LATER]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<3>
    // CHECK-NEXT: %[[P:[0-9]+]] = arith.addi %[[B]], %[[LAST]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<2>
    // CHECK-NEXT: %[[V:[0-9]+]] = arith.addi %[[B]], %[[AT]]
    // CHECK-NEXT: vector.load %[[W]][%[[V]]]
    //
    // The next step's line is as far ahead.
    // CHECK: %[[SECOND:[0-9]+]] = arith.muli %{{[0-9]+}}, %c64
    // CHECK-NEXT: %[[LATER:[0-9]+]] = arith.addi %[[SECOND]], %[[AHEAD]]
    // CHECK-NEXT: %[[P:[0-9]+]] = arith.addi %[[A]], %[[LATER]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<3>
    // CHECK-NEXT: %[[LAST:[0-9]+]] = arith.addi %[[SECOND]], %[[BEYOND]]
    // CHECK-NEXT: %[[P:[0-9]+]] = arith.addi %[[A]], %[[LAST]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<2>
    // CHECK: } else {
    // CHECK: %[[A:[0-9]+]] = arith.muli %{{[0-9]+}}, %c262144
    // CHECK: scf.for %[[UNIT:[a-z0-9]+]] = {{.*}} iter_args(
    // CHECK-NEXT: arith.muli %[[UNIT]], %c[[#STEPS]]
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.muli %[[UNIT]], %c[[#mul(STEPS,64)]]
    // CHECK-NEXT: %[[LATER:[0-9]+]] = arith.addi %[[AT]], %c[[#262144-LIMIT]]
    // CHECK-NEXT: %[[P:[0-9]+]] = arith.addi %[[A]], %[[LATER]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<3>
    // CHECK-NEXT: %[[LAST:[0-9]+]] = arith.addi %[[AT]], %c[[#262144-FAR]]
    // CHECK-NEXT: %[[P:[0-9]+]] = arith.addi %[[A]], %[[LAST]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[P]]], read, locality<2>
    // CHECK: return
    func.func @prefetches(%x: memref<8x4096xf32>, %w: !gemma.packed<48x4096, #gemma.encoding<f32, panel = 16>>, %y: memref<8x48xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x4096xf32>, !gemma.packed<48x4096, #gemma.encoding<f32, panel = 16>>, memref<8x48xf32>, index) -> ()
      return
    }

    // Panels of 256 bytes have no line that is so far ahead.
    // CHECK-LABEL: func.func @short(
    // CHECK-SAME: %[[W:[^:]*]]: memref<512xi8>,
    // CHECK-NOT: memref.prefetch
    // CHECK: vector.load %[[W]][
    // CHECK-NOT: memref.prefetch
    // CHECK: return
    func.func @short(%x: memref<8x4xf32>, %w: !gemma.packed<32x4, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x4xf32>, !gemma.packed<32x4, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
