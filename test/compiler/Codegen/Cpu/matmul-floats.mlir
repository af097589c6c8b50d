// RUN: split-file %s %t
// RUN: cat %t/bf16dot %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,DOT
// RUN: cat %t/avx512 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,HALVES,PRODUCTS --implicit-check-not=x86vector
// RUN: cat %t/avx2 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,HALVES,PRODUCTS --implicit-check-not=x86vector
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,GENERIC,HALVES --implicit-check-not=x86vector --implicit-check-not=vector.fma --implicit-check-not=arith.extf

// What a row and a panel are multiplied with. Loops are in matmul.mlir.

//--- bf16dot
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = ["avx512bf16", "avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni", "fma"], stub = false}} {
//--- avx512
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- avx2
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = ["avx", "avx2", "f16c", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // A sum is one chain, in the order of K: so a row has the same bits in any
    // block, tile and chunk. What is left of K behind the steps that a loop takes
    // together comes after it, and goes on with the sums that lie in scratch.
    // CHECK-LABEL: func.func @f32(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x55xf32>, %[[W:[^:]*]]: memref<7040xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK: %[[LAST:[0-9]+]] = arith.minsi %{{[0-9]+}}, %[[ROWS]]
    // CHECK: vector.store %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}[%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: %[[NEW:[0-9]+]]:2 = scf.for %[[UNIT:[a-z0-9]+]] = {{.*}} iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK-NEXT: %[[K:[0-9]+]] = arith.muli %[[UNIT]], %c[[#STEPS:]]
    // CHECK-NEXT: arith.muli %[[UNIT]], %c[[#mul(STEPS,64)]]
    // CHECK: vector.load %[[W]][%{{[0-9]+}}] {alignment = 64 : i64} : memref<7040xi8>, vector<64xi8>
    // CHECK-NEXT: %[[W0:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<64xi8> to vector<16xf32>
    // CHECK: %[[A0:[0-9]+]] = memref.load %[[X]][%[[ROW]], %[[K]]]
    // CHECK-NEXT: %[[X0:[0-9]+]] = vector.broadcast %[[A0]] : f32 to vector<16xf32>
    // FUSED-NEXT: %[[S0:[0-9]+]] = vector.fma %[[X0]], %[[W0]], %[[ACC]]
    // GENERIC-NEXT: %[[P0:[0-9]+]] = arith.mulf %[[X0]], %[[W0]]
    // GENERIC-NEXT: %[[S0:[0-9]+]] = arith.addf %[[P0]], %[[ACC]]
    // CHECK: %[[K1:[0-9]+]] = arith.addi %[[K]], %c1
    // CHECK: memref.load %[[X]][%[[ROW]], %[[K1]]]
    // FUSED: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[S0]]
    // GENERIC: arith.addf %{{[0-9]+}}, %[[S0]]
    // CHECK: scf.yield
    // CHECK-NEXT: }
    // CHECK-NEXT: vector.store %[[NEW]]#0, %[[SUMS]][%{{[0-9]+}}, %c0]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[OLD:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK: memref.load %[[X]][%[[ROW]], %c{{[0-9]+}}]
    // FUSED: %[[SUM:[0-9]+]] = vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[OLD]]
    // GENERIC: %[[SUM:[0-9]+]] = arith.addf %{{[0-9]+}}, %[[OLD]]
    // CHECK: memref.load %[[X]][%[[ROW]],
    // FUSED: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[SUM]]
    // GENERIC: arith.addf %{{[0-9]+}}, %[[SUM]]
    // CHECK: memref.load %[[X]][%[[ROW]], %c54]
    // CHECK-NOT: memref.load
    // CHECK: vector.store %{{[0-9]+}}, %[[SUMS]][%[[PLACE]], %c0]
    // CHECK: return
    func.func @f32(%x: memref<8x55xf32>, %w: !gemma.packed<32x55, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xf32>, !gemma.packed<32x55, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // bf16 comes in pairs of K: one instruction, or two products whose factors
    // are f32, the first of the pair first. The last pair of an odd K has one
    // value of the row: what lies behind it is not read.
    // CHECK-LABEL: func.func @bf16(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x55xbf16>, %[[W:[^:]*]]: memref<3584xi8>, %{{[^:]*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // HALVES-DAG: %[[MASK:[a-z0-9_]+]] = arith.constant dense<-65536> : vector<16xi32>
    // HALVES-DAG: %[[SHIFT:[a-z0-9_]+]] = arith.constant dense<16> : vector<16xi32>
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK: %[[LAST:[0-9]+]] = arith.minsi %{{[0-9]+}}, %[[ROWS]]
    // CHECK: vector.store %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}[%{{[0-9]+}}, %c16]
    // DOT-NOT: vector.fma
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: scf.for %[[UNIT:[a-z0-9]+]] = {{.*}} iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK-NEXT: %[[K:[0-9]+]] = arith.muli %[[UNIT]], %c[[#STEPS:]]
    // CHECK-NEXT: arith.muli %[[UNIT]], %c[[#mul(STEPS,64)]]
    // DOT-NOT: vector.fma
    // CHECK: %[[W0:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 64 : i64} : memref<3584xi8>, vector<64xi8>
    // DOT-NEXT: %[[PAIRS:[0-9]+]] = vector.bitcast %[[W0]] : vector<64xi8> to vector<32xbf16>
    // CHECK: %[[AT:[0-9]+]] = arith.muli %[[UNIT]], %c[[#mul(STEPS,2)]]
    // CHECK-NEXT: %[[BOTH:[0-9]+]] = vector.load %[[X]][%[[ROW]], %[[AT]]] : memref<8x55xbf16>, vector<2xbf16>
    // CHECK-NEXT: vector.bitcast %[[BOTH]] : vector<2xbf16> to vector<1xi32>
    // CHECK: %[[X0:[0-9]+]] = vector.broadcast %{{[0-9]+}} : i32 to vector<16xi32>
    // DOT-NEXT: %[[INPUT:[0-9]+]] = vector.bitcast %[[X0]] : vector<16xi32> to vector<32xbf16>
    // DOT-NEXT: %[[S0:[0-9]+]] = x86vector.avx512.dot %[[ACC]], %[[PAIRS]], %[[INPUT]] : vector<32xbf16> -> vector<16xf32>
    // HALVES-NEXT: %[[PAIRS:[0-9]+]] = vector.bitcast %[[W0]] : vector<64xi8> to vector<16xi32>
    // HALVES-DAG: %[[B1:[0-9]+]] = arith.shli %[[PAIRS]], %[[SHIFT]]
    // HALVES-DAG: %[[W1:[0-9]+]] = arith.bitcast %[[B1]]
    // HALVES-DAG: %[[B2:[0-9]+]] = arith.shli %[[X0]], %[[SHIFT]]
    // HALVES-DAG: %[[X1:[0-9]+]] = arith.bitcast %[[B2]]
    // PRODUCTS: %[[S0:[0-9]+]] = vector.fma %[[X1]], %[[W1]], %[[ACC]]
    // GENERIC: %[[P0:[0-9]+]] = arith.mulf %[[X1]], %[[W1]]
    // GENERIC-NEXT: %[[S0:[0-9]+]] = arith.addf %[[P0]], %[[ACC]]
    // HALVES-DAG: %[[B3:[0-9]+]] = arith.andi %[[PAIRS]], %[[MASK]]
    // HALVES-DAG: %[[W2:[0-9]+]] = arith.bitcast %[[B3]]
    // HALVES-DAG: %[[B4:[0-9]+]] = arith.andi %[[X0]], %[[MASK]]
    // HALVES-DAG: %[[X2:[0-9]+]] = arith.bitcast %[[B4]]
    // PRODUCTS: %[[S1:[0-9]+]] = vector.fma %[[X2]], %[[W2]], %[[S0]]
    // GENERIC: %[[P1:[0-9]+]] = arith.mulf %[[X2]], %[[W2]]
    // GENERIC-NEXT: %[[S1:[0-9]+]] = arith.addf %[[P1]], %[[S0]]
    // CHECK: %[[K1:[0-9]+]] = arith.addi %[[K]], %c1
    // CHECK: %[[AT1:[0-9]+]] = arith.muli %[[K1]], %c2
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[AT1]]] : memref<8x55xbf16>, vector<2xbf16>
    // DOT: x86vector.avx512.dot %[[S0]],
    // PRODUCTS: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[S1]]
    // GENERIC: arith.addf %{{[0-9]+}}, %[[S1]]
    // DOT-NOT: vector.fma
    // CHECK: scf.yield
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[OLD:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // DOT: x86vector.avx512.dot %[[OLD]],
    // PRODUCTS: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[OLD]]
    // GENERIC: arith.addf %{{[0-9]+}}, %[[OLD]]
    // CHECK-NOT: %[[X]][%[[ROW]], %c54] : memref<8x55xbf16>, vector<2xbf16>
    // CHECK: %[[VALUE:[0-9]+]] = memref.load %[[X]][%[[ROW]], %c54] : memref<8x55xbf16>
    // CHECK-NEXT: %[[BITS:[0-9]+]] = arith.bitcast %[[VALUE]] : bf16 to i16
    // CHECK-NEXT: %[[WORD:[0-9]+]] = arith.extui %[[BITS]] : i16 to i32
    // CHECK-NEXT: vector.broadcast %[[WORD]] : i32 to vector<16xi32>
    // DOT-NOT: vector.fma
    // CHECK: vector.store %{{[0-9]+}}, %[[SUMS]][%[[PLACE]], %c0]
    // CHECK: return
    func.func @bf16(%x: memref<8x55xbf16>, %w: !gemma.packed<32x55, #gemma.encoding<bf16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xbf16>, !gemma.packed<32x55, #gemma.encoding<bf16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // Rows of f16 weights are f32. Without an instruction a weight is widened in
    // integers: arith.extf would become a call to a library.
    // CHECK-LABEL: func.func @f16(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x55xf32>, %[[W:[^:]*]]: memref<3520xi8>, %{{[^:]*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK: arith.muli %{{[0-9]+}}, %c1760
    // CHECK: %[[LAST:[0-9]+]] = arith.minsi %{{[0-9]+}}, %[[ROWS]]
    // CHECK: vector.store %{{[a-z0-9_]+}}, %{{[a-z0-9_]+}}[%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: scf.for %[[UNIT:[a-z0-9]+]] = {{.*}} iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK-NEXT: %[[K:[0-9]+]] = arith.muli %[[UNIT]], %c[[#STEPS:]]
    // CHECK-NEXT: arith.muli %[[UNIT]], %c[[#mul(STEPS,32)]]
    // CHECK: %[[W0:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 32 : i64} : memref<3520xi8>, vector<32xi8>
    // CHECK-NEXT: %[[HALF:[0-9]+]] = vector.bitcast %[[W0]] : vector<32xi8> to vector<16xf16>
    // FUSED-NEXT: %[[WIDE:[0-9]+]] = arith.extf %[[HALF]] : vector<16xf16> to vector<16xf32>
    // GENERIC-NEXT: %[[BITS:[0-9]+]] = arith.bitcast %[[HALF]] : vector<16xf16> to vector<16xi16>
    // GENERIC-NEXT: arith.extui %[[BITS]] : vector<16xi16> to vector<16xi32>
    // GENERIC: %[[SIGNED:[0-9]+]] = arith.ori
    // GENERIC-NEXT: %[[WIDE:[0-9]+]] = arith.bitcast %[[SIGNED]] : vector<16xi32> to vector<16xf32>
    // CHECK: memref.load %[[X]][%[[ROW]], %[[K]]] : memref<8x55xf32>
    // CHECK-NEXT: %[[X0:[0-9]+]] = vector.broadcast
    // FUSED-NEXT: vector.fma %[[X0]], %[[WIDE]], %[[ACC]]
    // GENERIC-NEXT: %[[P0:[0-9]+]] = arith.mulf %[[X0]], %[[WIDE]]
    // GENERIC-NEXT: arith.addf %[[P0]], %[[ACC]]
    // CHECK: scf.yield
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: memref.load %[[X]][%[[ROW]], %c54]
    // CHECK: return
    func.func @f16(%x: memref<8x55xf32>, %w: !gemma.packed<32x55, #gemma.encoding<f16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xf32>, !gemma.packed<32x55, #gemma.encoding<f16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
