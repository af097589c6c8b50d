// RUN: split-file %s %t
// RUN: cat %t/vnni %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,DOT
// RUN: cat %t/avx512 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,PLAIN
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,GENERIC,PLAIN

//--- vnni
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "cascadelake", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni", "fma"], stub = false}} {
//--- avx512
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // A block of 32 values starts from the row's correction (72 and 76 bytes
    // behind its 64 values and 2 scales), weights are the unsigned operand, and
    // the exact sum times both scales is added to the f32 sum, first block first.
    // CHECK-LABEL: func.func @q8_0(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x80xi8>, %[[W:[^:]*]]: memref<2176xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK-DAG: %[[ZERO:[a-z0-9_]+]] = arith.constant dense<0.000000e+00> : vector<16xf32>
    // PLAIN-NOT: llvm.call_intrinsic
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[ROWS]] step %c1 {
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %c72] : memref<8x80xi8>, vector<4xi8>
    // CHECK: %[[CORRECTION:[0-9]+]] = vector.broadcast %{{[0-9]+}} : i32 to vector<16xi32>
    // CHECK: %[[W0:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 64 : i64} : memref<2176xi8>, vector<64xi8>
    // CHECK: vector.load %[[X]][%[[ROW]], %c0] : memref<8x80xi8>, vector<4xi8>
    // CHECK: %[[X0:[0-9]+]] = vector.broadcast %{{[0-9]+}} : i32 to vector<16xi32>
    // DOT-NEXT: %[[BYTES:[0-9]+]] = vector.bitcast %[[X0]] : vector<16xi32> to vector<64xi8>
    // DOT-NEXT: %[[D0:[0-9]+]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[CORRECTION]], %[[W0]], %[[BYTES]])
    // PLAIN: %[[D0:[0-9]+]] = arith.addi %[[CORRECTION]],
    // CHECK: vector.load %[[X]][%[[ROW]], %c4] : memref<8x80xi8>, vector<4xi8>
    // DOT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[D0]],
    // CHECK: vector.load %[[X]][%[[ROW]], %c28] : memref<8x80xi8>, vector<4xi8>
    // CHECK: vector.load %[[X]][%[[ROW]], %c64] : memref<8x80xi8>, vector<4xi8>
    // CHECK: %[[SX:[0-9]+]] = vector.broadcast %{{[0-9]+}} : f32 to vector<16xf32>
    // CHECK: vector.load %[[W]][%{{[0-9]+}}] {alignment = 32 : i64} : memref<2176xi8>, vector<32xi8>
    // CHECK-NEXT: vector.bitcast %{{[0-9]+}} : vector<32xi8> to vector<16xf16>
    // CHECK: %[[EXACT:[0-9]+]] = arith.sitofp %{{[0-9]+}} : vector<16xi32> to vector<16xf32>
    // CHECK-NEXT: %[[SCALE:[0-9]+]] = arith.mulf %{{[0-9]+}}, %[[SX]]
    // FUSED-NEXT: %[[SUM:[0-9]+]] = vector.fma %[[EXACT]], %[[SCALE]], %[[ZERO]]
    // GENERIC-NEXT: %[[PRODUCT:[0-9]+]] = arith.mulf %[[EXACT]], %[[SCALE]]
    // GENERIC-NEXT: %[[SUM:[0-9]+]] = arith.addf %[[PRODUCT]], %[[ZERO]]
    // CHECK: vector.load %[[X]][%[[ROW]], %c76] : memref<8x80xi8>, vector<4xi8>
    // CHECK: vector.load %[[X]][%[[ROW]], %c32] : memref<8x80xi8>, vector<4xi8>
    // CHECK: vector.load %[[X]][%[[ROW]], %c60] : memref<8x80xi8>, vector<4xi8>
    // CHECK: vector.load %[[X]][%[[ROW]], %c68] : memref<8x80xi8>, vector<4xi8>
    // FUSED: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[SUM]]
    // GENERIC: arith.addf %{{[0-9]+}}, %[[SUM]]
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]],
    // PLAIN-NOT: llvm.call_intrinsic
    // CHECK: return
    func.func @q8_0(%x: memref<8x80xi8>, %w: !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x80xi8>, !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // One load of four-bit weights is two steps of K: the low halves of its bytes
    // meet the row's values 0 to 3, the high halves 4 to 7.
    // CHECK-LABEL: func.func @q4_0(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x80xi8>, %[[W:[^:]*]]: memref<1152xi8>, %{{[^:]*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK-DAG: %[[MASK:[a-z0-9_]+]] = arith.constant dense<15> : vector<64xi8>
    // CHECK-DAG: %[[FOUR:[a-z0-9_]+]] = arith.constant dense<4> : vector<32xi16>
    // PLAIN-NOT: llvm.call_intrinsic
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[ROWS]] step %c1 {
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %c72]
    // CHECK: %[[CORRECTION:[0-9]+]] = vector.broadcast
    // CHECK: %[[W0:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 64 : i64} : memref<1152xi8>, vector<64xi8>
    // CHECK-NEXT: %[[LOW:[0-9]+]] = arith.andi %[[W0]], %[[MASK]]
    // CHECK-NEXT: %[[SHORTS:[0-9]+]] = vector.bitcast %[[W0]] : vector<64xi8> to vector<32xi16>
    // CHECK-NEXT: %[[SHIFTED:[0-9]+]] = arith.shrui %[[SHORTS]], %[[FOUR]]
    // CHECK-NEXT: %[[NIBBLES:[0-9]+]] = vector.bitcast %[[SHIFTED]] : vector<32xi16> to vector<64xi8>
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = arith.andi %[[NIBBLES]], %[[MASK]]
    // CHECK: vector.load %[[X]][%[[ROW]], %c0] : memref<8x80xi8>, vector<4xi8>
    // CHECK: %[[X0:[0-9]+]] = vector.broadcast
    // DOT-NEXT: %[[BYTES:[0-9]+]] = vector.bitcast %[[X0]]
    // DOT-NEXT: %[[D0:[0-9]+]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[CORRECTION]], %[[LOW]], %[[BYTES]])
    // PLAIN: vector.bitcast %[[LOW]]
    // CHECK: vector.load %[[X]][%[[ROW]], %c4] : memref<8x80xi8>, vector<4xi8>
    // CHECK: %[[X1:[0-9]+]] = vector.broadcast
    // DOT-NEXT: %[[BYTES:[0-9]+]] = vector.bitcast %[[X1]]
    // DOT-NEXT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[D0]], %[[HIGH]], %[[BYTES]])
    // PLAIN: vector.bitcast %[[HIGH]]
    // PLAIN-NOT: llvm.call_intrinsic
    // CHECK: return
    func.func @q4_0(%x: memref<8x80xi8>, %w: !gemma.packed<32x64, #gemma.encoding<q4_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x80xi8>, !gemma.packed<32x64, #gemma.encoding<q4_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // K of 70 is two superblocks, in rows and in weights: 64 bytes of scales and
    // 8 vectors of nibbles each, 128 integers, then 4 scales and 4 corrections.
    // CHECK-LABEL: func.func @superblocks(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x160xi8>, %[[W:[^:]*]]: memref<2304xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK: arith.muli %{{[0-9]+}}, %c1152
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[ROWS]] step %c1 {
    // CHECK-NEXT: scf.for %[[BLOCK:[a-z0-9]+]] = %c0 to %c2 step %c1 iter_args(
    // CHECK-DAG: %[[AT:[0-9]+]] = arith.muli %[[BLOCK]], %c576
    // CHECK-DAG: %[[COLUMN:[0-9]+]] = arith.muli %[[BLOCK]], %c64
    // CHECK-DAG: %[[SCALE:[0-9]+]] = arith.muli %[[BLOCK]], %c8
    // CHECK: %[[C0:[0-9]+]] = arith.addi %[[SCALE]], %c144
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C0]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: %[[SCALES:[0-9]+]] = arith.addi %{{[0-9]+}}, %[[AT]]
    // CHECK-NEXT: %[[LINE:[0-9]+]] = arith.addi %[[SCALES]], %c64
    // CHECK-NEXT: vector.load %[[W]][%[[LINE]]]
    // CHECK: vector.load %[[X]][%[[ROW]], %[[COLUMN]]]
    // CHECK: %[[S0:[0-9]+]] = arith.addi %[[SCALE]], %c128
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[S0]]]
    // CHECK: vector.load %[[W]][%[[SCALES]]] {alignment = 32 : i64} : memref<2304xi8>, vector<32xi8>
    // CHECK: %[[C1:[0-9]+]] = arith.addi %[[SCALE]], %c148
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C1]]]
    // CHECK: arith.addi %[[COLUMN]], %c32
    // CHECK: %[[S1:[0-9]+]] = arith.addi %[[SCALE]], %c132
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[S1]]]
    // CHECK: return
    func.func @superblocks(%x: memref<8x160xi8>, %w: !gemma.packed<32x70, #gemma.encoding<q4_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x160xi8>, !gemma.packed<32x70, #gemma.encoding<q4_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
