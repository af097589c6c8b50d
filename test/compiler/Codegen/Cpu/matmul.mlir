// RUN: split-file %s %t
// RUN: cat %t/bf16dot %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,WIDE,DOT
// RUN: cat %t/avx512 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,WIDE,HALVES,PRODUCTS
// RUN: cat %t/avx2 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,HALVES,PRODUCTS
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,GENERIC,HALVES

//--- bf16dot
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = ["avx512bf16", "avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni", "fma"], stub = false}} {
//--- avx512
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- avx2
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = ["avx", "avx2", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // Blocks of rows follow each other without a gap, down to single rows, and
    // a vector of weights is loaded once for all rows of a block.
    // CHECK-LABEL: func.func @rows(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[W:[^:]*]]: memref<8192xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // WIDE: %[[BLOCKS:[0-9]+]] = arith.divui %[[ROWS]], %[[HEIGHT:c[0-9]+]]
    // WIDE-NEXT: %[[COVERED:[0-9]+]] = arith.muli %[[BLOCKS]], %[[HEIGHT]]
    // WIDE-NEXT: scf.for %[[ROW:[a-z0-9]+]] = %c0 to %[[COVERED]] step %[[HEIGHT]]
    // WIDE: %[[ROW1:[0-9]+]] = arith.addi %[[ROW]], %c1
    // WIDE: vector.load %[[W]][
    // WIDE-NEXT: %[[LOW:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<64xi8> to vector<16xf32>
    // WIDE: vector.load %[[W]][
    // WIDE-NEXT: %[[HIGH:[0-9]+]] = vector.bitcast
    // WIDE-NEXT: memref.load %[[X]][%[[ROW]], %[[K:[a-z0-9]+]]]
    // WIDE-NEXT: %[[X0:[0-9]+]] = vector.broadcast
    // WIDE-NEXT: vector.fma %[[X0]], %[[LOW]],
    // WIDE-NEXT: vector.fma %[[X0]], %[[HIGH]],
    // WIDE-NEXT: memref.load %[[X]][%[[ROW1]], %[[K]]]
    // WIDE-NEXT: %[[X1:[0-9]+]] = vector.broadcast
    // WIDE-NEXT: vector.fma %[[X1]], %[[LOW]],
    // WIDE-NEXT: vector.fma %[[X1]], %[[HIGH]],
    // WIDE: scf.for %{{[a-z0-9]+}} = %[[COVERED]] to
    // CHECK: scf.for %[[SINGLE:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[ROWS]] step %c1 {
    // CHECK-NEXT: scf.for
    // CHECK: vector.store %{{[0-9#]+}}, %[[Y]][%[[SINGLE]],
    // CHECK: return
    func.func @rows(%x: memref<8x64xf32>, %w: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xf32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // A sum is one chain, in the order of K: so a row has the same bits in any
    // block. What is left of K comes after the loop, and goes on with its sum.
    // CHECK-LABEL: func.func @f32(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x55xf32>, %[[W:[^:]*]]: memref<7040xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // GENERIC-NOT: vector.fma
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[ROWS]] step %c1 {
    // CHECK-NEXT: %[[SUM:[0-9]+]]:2 = scf.for %[[K:[a-z0-9]+]] = %c0 to {{.*}} iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK: %[[W0:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<64xi8> to vector<16xf32>
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
    // FUSED: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[SUM]]#0
    // GENERIC: arith.addf %{{[0-9]+}}, %[[SUM]]#0
    // CHECK: memref.load %[[X]][%[[ROW]], %c54]
    // CHECK-NOT: memref.load
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]],
    // GENERIC-NOT: vector.fma
    // CHECK: return
    func.func @f32(%x: memref<8x55xf32>, %w: !gemma.packed<32x55, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xf32>, !gemma.packed<32x55, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // bf16 comes in pairs of K: one instruction, or two products whose factors
    // are f32, the first of the pair first. The last pair of an odd K has one
    // value of the row: what lies behind it is not read.
    // CHECK-LABEL: func.func @bf16(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x55xbf16>, %[[W:[^:]*]]: memref<3584xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // HALVES-DAG: %[[MASK:[a-z0-9_]+]] = arith.constant dense<-65536> : vector<16xi32>
    // HALVES-DAG: %[[SHIFT:[a-z0-9_]+]] = arith.constant dense<16> : vector<16xi32>
    // DOT-NOT: vector.fma
    // HALVES-NOT: x86vector
    // GENERIC-NOT: vector.fma
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[ROWS]] step %c1 {
    // CHECK-NEXT: %[[SUM:[0-9]+]]:2 = scf.for %[[K:[a-z0-9]+]] = %c0 to {{.*}} iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK: %[[W0:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 64 : i64} : memref<3584xi8>, vector<64xi8>
    // DOT-NEXT: %[[PAIRS:[0-9]+]] = vector.bitcast %[[W0]] : vector<64xi8> to vector<32xbf16>
    // CHECK: %[[AT:[0-9]+]] = arith.muli %[[K]], %c2
    // CHECK-NEXT: %[[BOTH:[0-9]+]] = vector.load %[[X]][%[[ROW]], %[[AT]]] : memref<8x55xbf16>, vector<2xbf16>
    // CHECK-NEXT: vector.bitcast %[[BOTH]] : vector<2xbf16> to vector<1xi32>
    // CHECK: %[[X0:[0-9]+]] = vector.broadcast %{{[0-9]+}} : i32 to vector<16xi32>
    // DOT-NEXT: %[[INPUT:[0-9]+]] = vector.bitcast %[[X0]] : vector<16xi32> to vector<32xbf16>
    // DOT-NEXT: %[[S0:[0-9]+]] = x86vector.avx512.dot %[[ACC]], %[[PAIRS]], %[[INPUT]] : vector<32xbf16> -> vector<16xf32>
    // DOT: x86vector.avx512.dot %[[S0]],
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
    // PRODUCTS: vector.fma %[[X2]], %[[W2]], %[[S0]]
    // GENERIC: %[[P1:[0-9]+]] = arith.mulf %[[X2]], %[[W2]]
    // GENERIC-NEXT: arith.addf %[[P1]], %[[S0]]
    // CHECK: scf.yield
    // DOT: x86vector.avx512.dot %[[SUM]]#0,
    // PRODUCTS: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[SUM]]#0
    // CHECK-NOT: %[[X]][%[[ROW]], %c54] : memref<8x55xbf16>, vector<2xbf16>
    // CHECK: %[[LAST:[0-9]+]] = memref.load %[[X]][%[[ROW]], %c54] : memref<8x55xbf16>
    // CHECK-NEXT: %[[BITS:[0-9]+]] = arith.bitcast %[[LAST]] : bf16 to i16
    // CHECK-NEXT: %[[WORD:[0-9]+]] = arith.extui %[[BITS]] : i16 to i32
    // CHECK-NEXT: vector.broadcast %[[WORD]] : i32 to vector<16xi32>
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]],
    // DOT-NOT: vector.fma
    // HALVES-NOT: x86vector
    // GENERIC-NOT: vector.fma
    // CHECK: return
    func.func @bf16(%x: memref<8x55xbf16>, %w: !gemma.packed<32x55, #gemma.encoding<bf16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xbf16>, !gemma.packed<32x55, #gemma.encoding<bf16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // Rows of f16 weights are f32. Without an instruction a weight is widened in
    // integers: arith.extf would become a call to a library.
    // CHECK-LABEL: func.func @f16(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x55xf32>, %[[W:[^:]*]]: memref<3520xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // GENERIC-NOT: arith.extf
    // CHECK: arith.muli %{{[0-9]+}}, %c1760
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[ROWS]] step %c1 {
    // CHECK: scf.for %[[K:[a-z0-9]+]] = %c0 to {{.*}} iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK-NEXT: arith.muli %[[K]], %c32
    // CHECK: %[[W0:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 32 : i64} : memref<3520xi8>, vector<32xi8>
    // CHECK-NEXT: vector.bitcast %[[W0]] : vector<32xi8> to vector<16xf16>
    // CHECK: memref.load %[[X]][%[[ROW]], %[[K]]] : memref<8x55xf32>
    // CHECK-NEXT: %[[X0:[0-9]+]] = vector.broadcast
    // FUSED-NEXT: vector.fma %[[X0]], %{{[0-9]+}}, %[[ACC]]
    // GENERIC-NEXT: %[[P0:[0-9]+]] = arith.mulf %[[X0]],
    // GENERIC-NEXT: arith.addf %[[P0]], %[[ACC]]
    // CHECK: scf.yield
    // CHECK: memref.load %[[X]][%[[ROW]], %c54]
    // GENERIC-NOT: arith.extf
    // CHECK: return
    func.func @f16(%x: memref<8x55xf32>, %w: !gemma.packed<32x55, #gemma.encoding<f16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x55xf32>, !gemma.packed<32x55, #gemma.encoding<f16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
