// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

module {
  module @kernels {
    // An item multiplies the same panel of gate and up side by side: a value of x
    // is loaded once for both; what is read next at the side of a panel is its
    // neighbour, so nothing jumps to prefetch it. Both sums take the row's norm factor before the
    // activation, x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), of the gate.
    // CHECK-LABEL: func.func @tanh(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[P:[^:]*]]: memref<8x64xf32>, %[[G:[^:]*]]: memref<12288xi8>, %[[U:[^:]*]]: memref<12288xi8>, %[[Y:[^:]*]]: memref<8x40xbf16>, %{{[^:]*}}: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[HALF:[a-z0-9_]+]] = arith.constant dense<5.000000e-01> : vector<16xf32>
    // CHECK-DAG: %[[ROOT:[a-z0-9_]+]] = arith.constant dense<0.79788458{{[0-9]*}}> : vector<16xf32>
    // CHECK-DAG: %[[CUBE:[a-z0-9_]+]] = arith.constant dense<4.471500e-02> : vector<16xf32>
    // CHECK-DAG: %[[ONE:[a-z0-9_]+]] = arith.constant dense<1.000000e+00> : vector<16xf32>
    // CHECK-DAG: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x64xf32>
    // CHECK-DAG: %[[FACTORS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf32>
    // CHECK: vector.load %[[X]][
    // CHECK: scf.for %{{[a-z0-9]+}} = %[[BEGIN]] to %[[END]]
    // CHECK-NOT: %[[X]][
    // CHECK: scf.for %[[UNIT:[a-z0-9]+]] = {{.*}} iter_args(
    // CHECK-NEXT: %[[K:[0-9]+]] = arith.muli %[[UNIT]],
    // CHECK-NOT: arith.select
    // CHECK: vector.load %[[G]][
    // CHECK-NEXT: %[[WG:[0-9]+]] = vector.bitcast
    // CHECK: vector.load %[[U]][
    // CHECK-NEXT: %[[WU:[0-9]+]] = vector.bitcast
    // CHECK-NEXT: memref.load %[[P]][%[[ROW:[a-z0-9]+]], %[[K]]]
    // CHECK-NEXT: %[[IN:[0-9]+]] = vector.broadcast
    // CHECK-NEXT: arith.mulf %[[IN]], %[[WG]]
    // CHECK-NOT: %[[P]][
    // CHECK: arith.mulf %[[IN]], %[[WU]]
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c48]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[G0:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[U0:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[G1:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c32]
    // CHECK-NEXT: %[[U1:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c48]
    // CHECK-NEXT: %[[F:[0-9]+]] = memref.load %[[FACTORS]][%[[ROW]]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = vector.broadcast %[[F]]
    // CHECK-NEXT: %[[GATE:[0-9]+]] = arith.mulf %[[G0]], %[[FACTOR]]
    // CHECK-NEXT: %[[UP:[0-9]+]] = arith.mulf %[[U0]], %[[FACTOR]]
    // CHECK-NEXT: %[[SQUARE:[0-9]+]] = arith.mulf %[[GATE]], %[[GATE]]
    // CHECK-NEXT: %[[SMALL:[0-9]+]] = arith.mulf %[[SQUARE]], %[[CUBE]]
    // CHECK-NEXT: %[[GROWN:[0-9]+]] = arith.addf %[[SMALL]], %[[ONE]]
    // CHECK-NEXT: %[[BENT:[0-9]+]] = arith.mulf %[[GATE]], %[[GROWN]]
    // CHECK-NEXT: %[[ANGLE:[0-9]+]] = arith.mulf %[[BENT]], %[[ROOT]]
    // CHECK-NEXT: %[[TANH:[0-9]+]] = math.tanh %[[ANGLE]]
    // CHECK-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[TANH]], %[[HALF]]
    // CHECK-NEXT: %[[SHARE:[0-9]+]] = arith.addf %[[SCALED]], %[[HALF]]
    // CHECK-NEXT: %[[ACTIVE:[0-9]+]] = arith.mulf %[[GATE]], %[[SHARE]]
    // CHECK-NEXT: %[[H:[0-9]+]] = arith.mulf %[[ACTIVE]], %[[UP]]
    // CHECK: arith.mulf %[[G1]],
    // CHECK: arith.mulf %[[U1]],
    // CHECK: arith.bitcast %[[H]] : vector<16xf32> to vector<16xi32>
    // CHECK-COUNT-2: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %{{[0-9]+}}] : memref<8x40xbf16>, vector<16xbf16>
    //
    // 8 columns are left: a panel of gate, one of up, and half of the lanes.
    // CHECK: } else {
    // CHECK: arith.muli %{{[0-9]+}}, %c4096
    // CHECK-NOT: arith.muli %{{[0-9]+}}, %c4096
    // CHECK: math.tanh
    // CHECK-NOT: math.tanh
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][{{.*}}] : memref<8x40xbf16>, vector<8xbf16>
    // CHECK-NOT: memref<8x40xbf16>, vector<16xbf16>
    // CHECK: return
    func.func @tanh(%x: memref<8x64xf32>, %p: memref<8x64xf32>, %g: !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, %u: !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x40xbf16>, %rows: index, %begin: index, %end: index) {
      gemma.norm_geglu x(%x) packed(%p) gate(%g) up(%u) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64, gelu = #gemma.gelu<tanh>, kind = #gemma.kind<bf16>} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, memref<8x40xbf16>, index) -> ()
      return
    }

    // The exact form, x/2 (1 + erf(x / sqrt(2))), and rows that stay f32.
    // CHECK-LABEL: func.func @erf(
    // CHECK-SAME: %[[Y:[^:]*]]: memref<8x32xf32>,
    // CHECK-DAG: %[[HALF:[a-z0-9_]+]] = arith.constant dense<5.000000e-01> : vector<16xf32>
    // CHECK-DAG: %[[ROOT:[a-z0-9_]+]] = arith.constant dense<0.7071067{{[0-9]+}}> : vector<16xf32>
    // CHECK-NOT: math.tanh
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x64xf32>
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c48]
    // CHECK: %[[G0:[0-9]+]] = vector.load %[[SUMS]][%{{[0-9]+}}, %c0]
    // CHECK-NEXT: %[[U0:[0-9]+]] = vector.load %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: %[[GATE:[0-9]+]] = arith.mulf %[[G0]], %[[FACTOR:[0-9]+]]
    // CHECK-NEXT: %[[UP:[0-9]+]] = arith.mulf %[[U0]], %[[FACTOR]]
    // CHECK-NEXT: %[[ANGLE:[0-9]+]] = arith.mulf %[[GATE]], %[[ROOT]]
    // CHECK-NEXT: %[[ERF:[0-9]+]] = math.erf %[[ANGLE]]
    // CHECK-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[ERF]], %[[HALF]]
    // CHECK-NEXT: %[[SHARE:[0-9]+]] = arith.addf %[[SCALED]], %[[HALF]]
    // CHECK-NEXT: %[[ACTIVE:[0-9]+]] = arith.mulf %[[GATE]], %[[SHARE]]
    // CHECK-NEXT: %[[H:[0-9]+]] = arith.mulf %[[ACTIVE]], %[[UP]]
    // CHECK: vector.store %[[H]], %[[Y]]
    // CHECK-NOT: math.tanh
    // CHECK: return
    func.func @erf(%x: memref<8x64xf32>, %p: memref<8x64xf32>, %g: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %u: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.norm_geglu x(%x) packed(%p) gate(%g) up(%u) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64, gelu = #gemma.gelu<erf>} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // Quantised rows: a block of 32 has both halves of the item under one scale.
    // CHECK-LABEL: func.func @quantised(
    // CHECK-SAME: memref<8x80xi8>, {{.*}}, %[[Y:[^:]*]]: memref<8x80xi8>,
    // CHECK-COUNT-2: math.tanh
    // CHECK-COUNT-2: vector.store %{{[0-9]+}}, %[[Y]][%{{[a-z0-9]+}}, %{{[0-9]+}}] : memref<8x80xi8>, vector<16xi8>
    // CHECK-COUNT-2: vector.store %{{[0-9]+}}, %[[Y]][%{{[a-z0-9]+}}, %{{[0-9]+}}] : memref<8x80xi8>, vector<4xi8>
    // CHECK: return
    func.func @quantised(%x: memref<8x64xf32>, %p: memref<8x80xi8>, %g: !gemma.packed<64x64, #gemma.encoding<q4_0, panel = 16>>, %u: !gemma.packed<64x64, #gemma.encoding<q4_0, panel = 16>>, %y: memref<8x80xi8>, %rows: index, %begin: index, %end: index) {
      gemma.norm_geglu x(%x) packed(%p) gate(%g) up(%u) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64, gelu = #gemma.gelu<tanh>, kind = #gemma.kind<q4_0>} : (memref<8x64xf32>, memref<8x80xi8>, !gemma.packed<64x64, #gemma.encoding<q4_0, panel = 16>>, !gemma.packed<64x64, #gemma.encoding<q4_0, panel = 16>>, memref<8x80xi8>, index) -> ()
      return
    }
  }
}
