// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

module {
  module @kernels {
    // Row i of the logits belongs to row of[i] of the stream: its norm factor and
    // its packed row are those of that row, and no other row is read.
    // CHECK-LABEL: func.func @capped(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[P:[^:]*]]: memref<8x64xf32>, %[[OF:[^:]*]]: memref<8xi32>, %{{[^:]*}}: memref<12288xi8>, %[[Y:[^:]*]]: memref<8x40xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[CAP:[a-z0-9_]+]] = arith.constant dense<3.000000e+01> : vector<16xf32>
    // CHECK-DAG: %[[INVERSE:[a-z0-9_]+]] = arith.constant dense<0.03333333{{[0-9]+}}> : vector<16xf32>
    // CHECK-DAG: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK-DAG: %[[FACTORS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf32>
    // CHECK: scf.for %[[R:[a-z0-9]+]] = %c0 to %[[ROWS]] step %c1 {
    // CHECK-NEXT: %[[I:[0-9]+]] = memref.load %[[OF]][%[[R]]]
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.index_cast %[[I]]
    // CHECK-NOT: %[[X]][%[[R]],
    // CHECK: vector.load %[[X]][%[[PLACE]],
    // CHECK: memref.store %{{[0-9]+}}, %[[FACTORS]][%[[R]]]
    // CHECK: scf.for %{{[a-z0-9]+}} = %[[BEGIN]] to %[[END]]
    // CHECK: %[[J:[0-9]+]] = memref.load %[[OF]][%[[ROW:[a-z0-9]+]]]
    // CHECK-NEXT: %[[ASKED:[0-9]+]] = arith.index_cast %[[J]]
    // CHECK-NOT: %[[P]][%[[ROW]],
    // CHECK: memref.load %[[P]][%[[ASKED]],
    // CHECK-NOT: %[[P]][%[[ROW]],
    // CHECK: scf.yield
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[F:[0-9]+]] = memref.load %[[FACTORS]][%[[ROW]]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = vector.broadcast %[[F]]
    // CHECK-NEXT: %[[LOGITS:[0-9]+]] = arith.mulf %[[LOW]], %[[FACTOR]]
    // CHECK-NEXT: %[[RATIO:[0-9]+]] = arith.mulf %[[LOGITS]], %[[INVERSE]]
    // CHECK-NEXT: %[[TANH:[0-9]+]] = math.tanh %[[RATIO]]
    // CHECK-NEXT: %[[CAPPED:[0-9]+]] = arith.mulf %[[TANH]], %[[CAP]]
    // CHECK-NEXT: vector.store %[[CAPPED]], %[[Y]][%[[ROW]], %[[COLUMN:[0-9]+]]] : memref<8x40xf32>, vector<16xf32>
    // CHECK: %[[NEXT:[0-9]+]] = arith.addi %[[COLUMN]], %c16
    // CHECK: arith.mulf %[[HIGH]],
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %[[NEXT]]] : memref<8x40xf32>, vector<16xf32>
    //
    // 8 columns are left, in one panel.
    // CHECK: } else {
    // CHECK: arith.muli %{{[0-9]+}}, %c4096
    // CHECK-NOT: arith.muli %{{[0-9]+}}, %c4096
    // CHECK: %[[PART:[0-9]+]] = vector.extract_strided_slice %{{[0-9]+}} {offsets = [0], sizes = [8], strides = [1]}
    // CHECK-NEXT: vector.store %[[PART]], %[[Y]][{{.*}}] : memref<8x40xf32>, vector<8xf32>
    // CHECK-NOT: memref<8x40xf32>, vector<16xf32>
    // CHECK: return
    func.func @capped(%x: memref<8x64xf32>, %p: memref<8x64xf32>, %of: memref<8xi32>, %w: !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x40xf32>, %rows: index, %begin: index, %end: index) {
      gemma.lm_head x(%x) packed(%p) of(%of) weight(%w) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64, cap = 30.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, memref<8xi32>, !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, memref<8x40xf32>, index) -> ()
      return
    }

    // Without a cap the logits are stored as they are.
    // CHECK-LABEL: func.func @plain(
    // CHECK-SAME: %[[Y:[^:]*]]: memref<8x32xf32>,
    // CHECK-NOT: math.tanh
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK: %[[LOGITS:[0-9]+]] = arith.mulf %[[LOW]],
    // CHECK-NEXT: vector.store %[[LOGITS]], %[[Y]]
    // CHECK-NOT: math.tanh
    // CHECK: return
    func.func @plain(%x: memref<8x64xf32>, %p: memref<8x64xf32>, %of: memref<8xi32>, %w: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.lm_head x(%x) packed(%p) of(%of) weight(%w) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64} : (memref<8x64xf32>, memref<8x64xf32>, memref<8xi32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
