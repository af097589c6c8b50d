// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

module {
  module @kernels {
    // Items of 32 columns, 48 in all: the second item has one panel, which is
    // whole. Each panel starts where the one before it ends.
    // CHECK-LABEL: func.func @one_panel_left(
    // CHECK-SAME: memref<12288xi8>, %[[Y:[^:]*]]: memref<8x48xf32>
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] =
    // CHECK: %[[COLUMN:[0-9]+]] = arith.muli %[[ITEM]], %c32
    // CHECK: %[[WHOLE:[0-9]+]] = arith.cmpi slt, %[[ITEM]], %c1
    // CHECK: scf.if %[[WHOLE]] {
    // CHECK: %[[FIRST:[0-9]+]] = arith.divui %[[COLUMN]], %c16
    // CHECK-NEXT: arith.muli %[[FIRST]], %c4096
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[FIRST]], %c1
    // CHECK-NEXT: arith.muli %[[NEXT]], %c4096
    // CHECK: } else {
    // CHECK: %[[LAST:[0-9]+]] = arith.divui %[[COLUMN]], %c16
    // CHECK-NEXT: arith.muli %[[LAST]], %c4096
    // CHECK-NOT: arith.muli %{{[0-9]+}}, %c4096
    // CHECK-NOT: vector.extract_strided_slice
    // CHECK: vector.store %{{.*}}, %[[Y]][%{{[a-z0-9]+}}, %[[COLUMN]]] : memref<8x48xf32>, vector<16xf32>
    // CHECK: return
    func.func @one_panel_left(%x: memref<8x64xf32>, %w: !gemma.packed<48x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x48xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xf32>, !gemma.packed<48x64, #gemma.encoding<f32, panel = 16>>, memref<8x48xf32>, index) -> ()
      return
    }

    // 56 columns: the second item has a panel and half of one.
    // CHECK-LABEL: func.func @part_of_two(
    // CHECK-SAME: memref<16384xi8>, %[[Y:[^:]*]]: memref<8x56xf32>
    // CHECK: } else {
    // CHECK-COUNT-2: arith.muli %{{[0-9]+}}, %c4096
    // CHECK: vector.store %{{.*}}, %[[Y]][%[[ROW:[a-z0-9]+]], %[[COLUMN:[0-9]+]]] : memref<8x56xf32>, vector<16xf32>
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = arith.addi %[[COLUMN]], %c16
    // CHECK-NEXT: %[[PART:[0-9]+]] = vector.extract_strided_slice %{{[0-9#]+}} {offsets = [0], sizes = [8], strides = [1]}
    // CHECK-NEXT: vector.store %[[PART]], %[[Y]][%[[ROW]], %[[HIGH]]] : memref<8x56xf32>, vector<8xf32>
    // CHECK: return
    func.func @part_of_two(%x: memref<8x64xf32>, %w: !gemma.packed<56x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x56xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xf32>, !gemma.packed<56x64, #gemma.encoding<f32, panel = 16>>, memref<8x56xf32>, index) -> ()
      return
    }

    // A norm's factors are computed once, ahead of the items, and each row takes
    // its own, for both of its vectors, once it has all of K.
    // CHECK-LABEL: func.func @factors(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[P:[^:]*]]: memref<8x64xf32>, %[[W:[^:]*]]: memref<8192xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK-DAG: %[[FACTORS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf32>
    // CHECK: scf.for %[[R:[a-z0-9]+]] = %c0 to %[[ROWS]] step %c1 {
    // CHECK: vector.load %[[X]][%[[R]],
    // CHECK: memref.store %{{[0-9]+}}, %[[FACTORS]][%[[R]]]
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] = %[[BEGIN]] to %[[END]]
    // CHECK: %[[COLUMN:[0-9]+]] = arith.muli %[[ITEM]], %c32
    // CHECK-NOT: %[[X]][
    // CHECK-NOT: %[[FACTORS]][
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[F:[0-9]+]] = memref.load %[[FACTORS]][%[[ROW]]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = vector.broadcast %[[F]] : f32 to vector<16xf32>
    // CHECK-NEXT: %[[V:[0-9]+]] = arith.mulf %[[LOW]], %[[FACTOR]]
    // CHECK-NEXT: vector.store %[[V]], %[[Y]][%[[ROW]], %[[COLUMN]]]
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[COLUMN]], %c16
    // CHECK: %[[F:[0-9]+]] = memref.load %[[FACTORS]][%[[ROW]]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = vector.broadcast %[[F]] : f32 to vector<16xf32>
    // CHECK-NEXT: %[[V:[0-9]+]] = arith.mulf %[[HIGH]], %[[FACTOR]]
    // CHECK-NEXT: vector.store %[[V]], %[[Y]][%[[ROW]], %[[NEXT]]]
    // CHECK-NOT: %[[X]][
    // CHECK: return
    func.func @factors(%x: memref<8x64xf32>, %p: memref<8x64xf32>, %w: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.norm_linear x(%x) packed(%p) weights(%w) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
