// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

// What the rows look like is in row-packer.mlir.

module {
  module @kernels {
    // An item is a row. Its values, times 1 + w, are stored 16 at a time, and the
    // last 7 as 7.
    // CHECK-LABEL: func.func @normed(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x55xf32>, %[[N:[^:]*]]: memref<220xi8>, %[[Y:[^:]*]]: memref<8x55xbf16>, %{{[^:]*}}: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[ONE:[a-z0-9_]+]] = arith.constant dense<1.000000e+00> : vector<16xf32>
    // CHECK: %[[NORM:[a-z0-9_]+]] = memref.view %[[N]][%c0][] : memref<220xi8> to memref<55xf32>
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %[[BEGIN]] to %[[END]]
    // CHECK: %[[V:[0-9]+]] = vector.load %[[X]][%[[ROW]], %[[COLUMN:[a-z0-9]+]]] : memref<8x55xf32>, vector<16xf32>
    // CHECK-NEXT: %[[W:[0-9]+]] = vector.load %[[NORM]][%[[COLUMN]]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = arith.addf %[[W]], %[[ONE]]
    // CHECK-NEXT: arith.mulf %[[V]], %[[FACTOR]]
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %[[COLUMN]]] : memref<8x55xbf16>, vector<16xbf16>
    // CHECK: vector.load %[[X]][%[[ROW]], %c48] : memref<8x55xf32>, vector<7xf32>
    // CHECK-NEXT: vector.load %[[NORM]][%c48] : memref<55xf32>, vector<7xf32>
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %c48] : memref<8x55xbf16>, vector<7xbf16>
    // CHECK: return
    func.func @normed(%x: memref<8x55xf32>, %n: !gemma.packed<55, #gemma.encoding<f32, panel = 0>>, %y: memref<8x55xbf16>, %rows: index, %begin: index, %end: index) {
      gemma.pack_rows(%x, %n) into(%y) rows(%rows) {kind = #gemma.kind<bf16>, unit_offset = true} : (memref<8x55xf32>, !gemma.packed<55, #gemma.encoding<f32, panel = 0>>, memref<8x55xbf16>, index) -> ()
      return
    }

    // A wide row is several items, of 1024 columns; the last one has what is left
    // behind the last whole block. Without a weight values are not changed.
    // CHECK-LABEL: func.func @wide(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x2070xf32>, %[[Y:[^:]*]]: memref<8x2070xf32>, %{{[^:]*}}: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] = %[[BEGIN]] to %[[END]]
    // CHECK-DAG: %[[TILE:[0-9]+]] = arith.remui %[[ITEM]], %c3
    // CHECK-DAG: %[[ROW:[0-9]+]] = arith.divui %[[ITEM]], %c3
    // CHECK: %[[FIRST:[0-9]+]] = arith.muli %[[TILE]], %c1024
    // CHECK-NEXT: %[[END:[0-9]+]] = arith.addi %[[FIRST]], %c1024
    // CHECK-NEXT: %[[LAST:[0-9]+]] = arith.minsi %[[END]], %c2048
    // CHECK-NEXT: scf.for %[[COLUMN:[a-z0-9]+]] = %[[FIRST]] to %[[LAST]] step %c32 {
    // CHECK-NEXT: %[[V:[0-9]+]] = vector.load %[[X]][%[[ROW]], %[[COLUMN]]]
    // CHECK: vector.store %[[V]], %[[Y]][%[[ROW]], %[[COLUMN]]]
    // CHECK: %[[IS_LAST:[0-9]+]] = arith.cmpi eq, %[[TILE]], %c2
    // CHECK-NEXT: scf.if %[[IS_LAST]] {
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %c2048] : memref<8x2070xf32>, vector<16xf32>
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %c2064] : memref<8x2070xf32>, vector<6xf32>
    // CHECK: return
    func.func @wide(%x: memref<8x2070xf32>, %y: memref<8x2070xf32>, %rows: index, %begin: index, %end: index) {
      gemma.pack_rows(%x) into(%y) rows(%rows) {kind = #gemma.kind<f32>} : (memref<8x2070xf32>, memref<8x2070xf32>, index) -> ()
      return
    }

    // 6 columns of the last block are there: the other lanes are zero, and so is
    // the whole block that ends the superblock.
    // CHECK-LABEL: func.func @quantised(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x70xf32>, %[[Y:[^:]*]]: memref<8x160xi8>,
    // CHECK: %[[ZERO:[a-z0-9_]+]] = arith.constant dense<0.000000e+00> : vector<16xf32>
    // CHECK: scf.for %{{[a-z0-9]+}} = %c0 to %c64 step %c32
    // CHECK: %[[FEW:[0-9]+]] = vector.load %[[X]][%[[ROW:[a-z0-9]+]], %c64] : memref<8x70xf32>, vector<6xf32>
    // CHECK-NEXT: vector.insert_strided_slice %[[FEW]], %[[ZERO]] {offsets = [0], strides = [1]} : vector<6xf32> into vector<16xf32>
    // CHECK-NOT: vector.load
    // CHECK-DAG: vector.store %{{[a-z0-9_]+}}, %[[Y]][%[[ROW]], %c64] : memref<8x160xi8>, vector<16xi8>
    // CHECK-DAG: vector.store %{{[a-z0-9_]+}}, %[[Y]][%[[ROW]], %c80] : memref<8x160xi8>, vector<16xi8>
    // CHECK-DAG: vector.store %{{[a-z0-9_]+}}, %[[Y]][%[[ROW]], %c96] : memref<8x160xi8>, vector<16xi8>
    // CHECK-DAG: vector.store %{{[a-z0-9_]+}}, %[[Y]][%[[ROW]], %c112] : memref<8x160xi8>, vector<16xi8>
    // CHECK: return
    func.func @quantised(%x: memref<8x70xf32>, %y: memref<8x160xi8>, %rows: index, %begin: index, %end: index) {
      gemma.pack_rows(%x) into(%y) rows(%rows) {kind = #gemma.kind<q8_0>} : (memref<8x70xf32>, memref<8x160xi8>, index) -> ()
      return
    }
  }
}
