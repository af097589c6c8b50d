// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

module {
  module @kernels {
    // The sums are added to the residual once all of K is in them, and stored;
    // the same f32 values, times 1 + w, are the rows for the next matmul.
    // CHECK-LABEL: func.func @packed(
    // CHECK-SAME: %{{[^:]*}}: memref<8x64xf32>, %{{[^:]*}}: memref<12288xi8>, %[[R:[^:]*]]: memref<8x40xf32>, %[[N:[^:]*]]: memref<160xi8>, %[[Y:[^:]*]]: memref<8x40xf32>, %[[Z:[^:]*]]: memref<8x40xbf16>,
    // CHECK-DAG: %[[ONE:[a-z0-9_]+]] = arith.constant dense<1.000000e+00> : vector<16xf32>
    // CHECK-DAG: %[[ZERO:[a-z0-9_]+]] = arith.constant dense<0.000000e+00> : vector<16xf32>
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK: %[[NORM:[a-z0-9_]+]] = memref.view %[[N]][%c0][] : memref<160xi8> to memref<40xf32>
    // CHECK-NOT: %[[R]][
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[OLD:[0-9]+]] = vector.load %[[R]][%[[ROW]], %[[COLUMN:[0-9]+]]] : memref<8x40xf32>, vector<16xf32>
    // CHECK-NEXT: %[[NEW:[0-9]+]] = arith.addf %[[OLD]], %[[LOW]]
    // CHECK-NEXT: vector.store %[[NEW]], %[[Y]][%[[ROW]], %[[COLUMN]]] : memref<8x40xf32>, vector<16xf32>
    // CHECK-NEXT: %[[W:[0-9]+]] = vector.load %[[NORM]][%[[COLUMN]]] : memref<40xf32>, vector<16xf32>
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = arith.addf %[[W]], %[[ONE]]
    // CHECK-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[NEW]], %[[FACTOR]]
    // CHECK: %[[OLD:[0-9]+]] = vector.load %[[R]][%[[ROW]], %[[NEXT:[0-9]+]]] : memref<8x40xf32>, vector<16xf32>
    // CHECK-NEXT: %[[NEW:[0-9]+]] = arith.addf %[[OLD]], %[[HIGH]]
    // CHECK-NEXT: vector.store %[[NEW]], %[[Y]][%[[ROW]], %[[NEXT]]] : memref<8x40xf32>, vector<16xf32>
    // CHECK: vector.load %[[NORM]][%[[NEXT]]] : memref<40xf32>, vector<16xf32>
    // CHECK: arith.bitcast %[[SCALED]] : vector<16xf32> to vector<16xi32>
    // CHECK: vector.store %{{[0-9]+}}, %[[Z]][%[[ROW]], %[[COLUMN]]] : memref<8x40xbf16>, vector<16xbf16>
    // CHECK: vector.store %{{[0-9]+}}, %[[Z]][%[[ROW]], %[[NEXT]]] : memref<8x40xbf16>, vector<16xbf16>
    //
    // 8 columns are left: neither the residual nor the norm's weight has more.
    // CHECK: } else {
    // CHECK: scf.yield
    // CHECK: vector.store %{{[0-9]+}}, %[[SUMS]][%{{[0-9]+}}, %c0]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[SUM:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[FEW:[0-9]+]] = vector.load %[[R]][{{.*}}] : memref<8x40xf32>, vector<8xf32>
    // CHECK-NEXT: %[[LANES:[0-9]+]] = vector.insert_strided_slice %[[FEW]], %[[ZERO]] {offsets = [0], strides = [1]} : vector<8xf32> into vector<16xf32>
    // CHECK-NEXT: %[[MORE:[0-9]+]] = arith.addf %[[LANES]], %[[SUM]]
    // CHECK-NEXT: %[[PART:[0-9]+]] = vector.extract_strided_slice %[[MORE]] {offsets = [0], sizes = [8], strides = [1]}
    // CHECK-NEXT: vector.store %[[PART]], %[[Y]][{{.*}}] : memref<8x40xf32>, vector<8xf32>
    // CHECK-NEXT: vector.load %[[NORM]][{{.*}}] : memref<40xf32>, vector<8xf32>
    // CHECK: vector.store %{{[0-9]+}}, %[[Z]][{{.*}}] : memref<8x40xbf16>, vector<8xbf16>
    // CHECK: return
    func.func @packed(%x: memref<8x64xf32>, %w: !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, %r: memref<8x40xf32>, %n: !gemma.packed<40, #gemma.encoding<f32, panel = 0>>, %y: memref<8x40xf32>, %z: memref<8x40xbf16>, %rows: index, %begin: index, %end: index) {
      gemma.linear_residual(%x, %w) residual(%r) norm(%n) into(%y, %z) rows(%rows) {kind = #gemma.kind<bf16>, unit_offset = true} : (memref<8x64xf32>, !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, memref<8x40xf32>, !gemma.packed<40, #gemma.encoding<f32, panel = 0>>, memref<8x40xf32>, memref<8x40xbf16>, index) -> ()
      return
    }

    // A norm without offset scales by w itself; quantised rows share a scale in
    // a block of both panels.
    // CHECK-LABEL: func.func @quantised(
    // CHECK-SAME: %[[R:[^:]*]]: memref<8x64xf32>, %[[N:[^:]*]]: memref<256xi8>, %[[Y:[^:]*]]: memref<8x64xf32>, %[[Z:[^:]*]]: memref<8x80xi8>,
    // CHECK: %[[NORM:[a-z0-9_]+]] = memref.view %[[N]][%c0][]
    // CHECK: scf.yield
    // CHECK: %[[OLD:[0-9]+]] = vector.load %[[R]][%[[ROW:[a-z0-9]+]], %[[COLUMN:[0-9]+]]]
    // CHECK-NEXT: %[[NEW:[0-9]+]] = arith.addf %[[OLD]],
    // CHECK-NEXT: vector.store %[[NEW]], %[[Y]][%[[ROW]], %[[COLUMN]]]
    // CHECK-NEXT: %[[W:[0-9]+]] = vector.load %[[NORM]][%[[COLUMN]]]
    // CHECK-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[NEW]], %[[W]]
    // CHECK: %[[OTHER:[0-9]+]] = arith.mulf
    // CHECK-DAG: math.absf %[[SCALED]]
    // CHECK-DAG: math.absf %[[OTHER]]
    // CHECK-COUNT-2: vector.store %{{[0-9]+}}, %[[Z]][%[[ROW]], %{{[0-9]+}}] : memref<8x80xi8>, vector<16xi8>
    // CHECK-COUNT-2: vector.store %{{[0-9]+}}, %[[Z]][%[[ROW]], %{{[0-9]+}}] : memref<8x80xi8>, vector<4xi8>
    // CHECK: return
    func.func @quantised(%x: memref<8x64xf32>, %w: !gemma.packed<64x64, #gemma.encoding<f32, panel = 16>>, %r: memref<8x64xf32>, %n: !gemma.packed<64, #gemma.encoding<f32, panel = 0>>, %y: memref<8x64xf32>, %z: memref<8x80xi8>, %rows: index, %begin: index, %end: index) {
      gemma.linear_residual(%x, %w) residual(%r) norm(%n) into(%y, %z) rows(%rows) {kind = #gemma.kind<q8_0>} : (memref<8x64xf32>, !gemma.packed<64x64, #gemma.encoding<f32, panel = 16>>, memref<8x64xf32>, !gemma.packed<64, #gemma.encoding<f32, panel = 0>>, memref<8x64xf32>, memref<8x80xi8>, index) -> ()
      return
    }

    // One result: nothing is scaled, rounded or packed.
    // CHECK-LABEL: func.func @alone(
    // CHECK-SAME: %[[R:[^:]*]]: memref<8x32xf32>, %[[Y:[^:]*]]: memref<8x32xf32>,
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[OLD:[0-9]+]] = vector.load %[[R]]
    // CHECK-NEXT: %[[NEW:[0-9]+]] = arith.addf %[[OLD]], %[[LOW]]
    // CHECK-NEXT: vector.store %[[NEW]], %[[Y]]
    // CHECK-NOT: arith.mulf
    // CHECK: %[[NEW:[0-9]+]] = arith.addf %{{[0-9]+}}, %[[HIGH]]
    // CHECK-NEXT: vector.store %[[NEW]], %[[Y]]
    // CHECK-NOT: arith.bitcast
    // CHECK: return
    func.func @alone(%x: memref<8x64xf32>, %w: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %r: memref<8x32xf32>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear_residual(%x, %w) residual(%r) into(%y) rows(%rows) : (memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
