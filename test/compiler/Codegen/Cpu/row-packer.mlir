// RUN: split-file %s %t
// RUN: cat %t/vnni %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,DOT
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,PLAIN

//--- vnni
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "cascadelake", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // A block of 32: its largest magnitude is 127, and one that is next to zero
    // has scale and integers 0. Integers are rounded to nearest even by adding
    // 1.5 * 2^23. Behind 64 integers lie 2 scales, then 2 corrections: minus the
    // weights' zero point times the sum of the integers, plus the bits of that
    // f32 where vpdpbusd starts from them.
    // CHECK-LABEL: func.func @q8_0(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[Y:[^:]*]]: memref<8x80xi8>,
    // CHECK-DAG: %[[POINT:[a-z0-9_-]+]] = arith.constant -128 : i32
    // DOT-DAG: %[[BIAS:[a-z0-9_]+]] = arith.constant 1262485504 : i32
    // CHECK-DAG: %[[BITS:[a-z0-9_]+]] = arith.constant dense<1262485504> : vector<16xi32>
    // CHECK-DAG: %[[ROUNDER:[a-z0-9_]+]] = arith.constant dense<0x4B400000> : vector<16xf32>
    // CHECK-DAG: %[[MOST:[a-z0-9_]+]] = arith.constant 1.270000e+02 : f32
    // CHECK-DAG: %[[STEP:[a-z0-9_]+]] = arith.constant 0.00787401571 : f32
    // CHECK-DAG: %[[ZERO:[a-z0-9_]+]] = arith.constant 0.000000e+00 : f32
    // CHECK-DAG: %[[TINY:[a-z0-9_]+]] = arith.constant 1.000000e-30 : f32
    // CHECK: scf.for %[[COLUMN:[a-z0-9]+]] = %c0 to %c64 step %c32 {
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[X]][%[[ROW:[a-z0-9]+]], %[[COLUMN]]]
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[COLUMN]], %c16
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[X]][%[[ROW]], %[[NEXT]]]
    // CHECK-DAG: math.absf %[[LOW]]
    // CHECK-DAG: math.absf %[[HIGH]]
    // CHECK: %[[LARGEST:[0-9]+]] = vector.extract %{{[0-9]+}}[0] : f32 from vector<1xf32>
    // CHECK-NEXT: %[[NONE:[0-9]+]] = arith.cmpf olt, %[[LARGEST]], %[[TINY]]
    // CHECK-NEXT: %[[S:[0-9]+]] = arith.mulf %[[LARGEST]], %[[STEP]]
    // CHECK-NEXT: %[[SCALE:[0-9]+]] = arith.select %[[NONE]], %[[ZERO]], %[[S]]
    // CHECK-NEXT: %[[I:[0-9]+]] = arith.divf %[[MOST]], %[[LARGEST]]
    // CHECK-NEXT: %[[INVERSE:[0-9]+]] = arith.select %[[NONE]], %[[ZERO]], %[[I]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = vector.broadcast %[[INVERSE]]
    // CHECK-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[LOW]], %[[FACTOR]]
    // CHECK-NEXT: %[[SHIFTED:[0-9]+]] = arith.addf %[[SCALED]], %[[ROUNDER]]
    // CHECK-NEXT: %[[WORDS:[0-9]+]] = arith.bitcast %[[SHIFTED]]
    // CHECK-NEXT: %[[A:[0-9]+]] = arith.subi %[[WORDS]], %[[BITS]]
    // CHECK-NEXT: %[[BYTES:[0-9]+]] = arith.trunci %[[A]] : vector<16xi32> to vector<16xi8>
    // CHECK-NEXT: vector.store %[[BYTES]], %[[Y]][%[[ROW]], %[[COLUMN]]] : memref<8x80xi8>, vector<16xi8>
    // CHECK: arith.mulf %[[HIGH]], %[[FACTOR]]
    // CHECK: %[[B:[0-9]+]] = arith.subi %{{[0-9]+}}, %[[BITS]]
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %[[NEXT]]] : memref<8x80xi8>, vector<16xi8>
    // CHECK-NEXT: %[[BOTH:[0-9]+]] = arith.addi %[[A]], %[[B]]
    // CHECK-NEXT: %[[TOTAL:[0-9]+]] = vector.reduction <add>, %[[BOTH]]
    // CHECK-NEXT: %[[BLOCK:[0-9]+]] = arith.divui %[[COLUMN]], %c32
    // CHECK-NEXT: %[[ONE:[0-9]+]] = vector.broadcast %[[SCALE]] : f32 to vector<1xf32>
    // CHECK-NEXT: %[[SCALE_BYTES:[0-9]+]] = vector.bitcast %[[ONE]]
    // CHECK-NEXT: %[[WORD:[0-9]+]] = arith.muli %[[BLOCK]], %c4
    // CHECK-NEXT: %[[SCALE_AT:[0-9]+]] = arith.addi %[[WORD]], %c64
    // CHECK-NEXT: vector.store %[[SCALE_BYTES]], %[[Y]][%[[ROW]], %[[SCALE_AT]]] : memref<8x80xi8>, vector<4xi8>
    // PLAIN-NEXT: %[[CORRECTION:[0-9]+]] = arith.muli %[[TOTAL]], %[[POINT]]
    // DOT-NEXT: %[[PRODUCT:[0-9]+]] = arith.muli %[[TOTAL]], %[[POINT]]
    // DOT-NEXT: %[[CORRECTION:[0-9]+]] = arith.addi %[[PRODUCT]], %[[BIAS]]
    // CHECK-NEXT: %[[ONE:[0-9]+]] = vector.broadcast %[[CORRECTION]] : i32 to vector<1xi32>
    // CHECK-NEXT: %[[BYTES:[0-9]+]] = vector.bitcast %[[ONE]]
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.addi %[[WORD]], %c72
    // CHECK-NEXT: vector.store %[[BYTES]], %[[Y]][%[[ROW]], %[[AT]]] : memref<8x80xi8>, vector<4xi8>
    // CHECK: return
    func.func @q8_0(%x: memref<8x64xf32>, %y: memref<8x80xi8>, %rows: index, %begin: index, %end: index) {
      gemma.pack_rows(%x) into(%y) rows(%rows) {kind = #gemma.kind<q8_0>} : (memref<8x64xf32>, memref<8x80xi8>, index) -> ()
      return
    }

    // The zero point of four bits is 8. Rows that are not whole superblocks end in
    // a block of zeros; 96 columns are padded to 128, 4 scales and 4 corrections.
    // CHECK-LABEL: func.func @q4_0(
    // CHECK-SAME: %[[Y:[^:]*]]: memref<8x160xi8>,
    // CHECK-DAG: %[[POINT:[a-z0-9_-]+]] = arith.constant -8 : i32
    // CHECK-DAG: %[[ZEROS:[a-z0-9_]+]] = arith.constant dense<0> : vector<16xi8>
    // CHECK-DAG: %[[ZERO:[a-z0-9_]+]] = arith.constant dense<0.000000e+00> : vector<1xf32>
    // CHECK: scf.for %{{[a-z0-9]+}} = %c0 to %c96 step %c32 {
    // CHECK: arith.addi %{{[0-9]+}}, %c128
    // CHECK: arith.muli %{{[0-9]+}}, %[[POINT]]
    // CHECK: arith.addi %{{[0-9]+}}, %c144
    // CHECK: vector.store %[[ZEROS]], %[[Y]][%[[ROW:[a-z0-9]+]], %c96] : memref<8x160xi8>, vector<16xi8>
    // CHECK-NEXT: vector.store %[[ZEROS]], %[[Y]][%[[ROW]], %c112] : memref<8x160xi8>, vector<16xi8>
    // CHECK: %[[NONE:[0-9]+]] = vector.bitcast %[[ZERO]]
    // CHECK-NEXT: vector.store %[[NONE]], %[[Y]][%[[ROW]], %c140] : memref<8x160xi8>, vector<4xi8>
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %c156] : memref<8x160xi8>, vector<4xi8>
    // CHECK: return
    func.func @q4_0(%x: memref<8x96xf32>, %y: memref<8x160xi8>, %rows: index, %begin: index, %end: index) {
      gemma.pack_rows(%x) into(%y) rows(%rows) {kind = #gemma.kind<q4_0>} : (memref<8x96xf32>, memref<8x160xi8>, index) -> ()
      return
    }

    // Rows of floats have no padding: f16 weights take f32, bf16 weights bf16.
    // CHECK-LABEL: func.func @f16(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x40xf32>, %[[Y:[^:]*]]: memref<8x40xf32>,
    // CHECK: %[[V:[0-9]+]] = vector.load %[[X]][%[[ROW:[a-z0-9]+]], %[[COLUMN:[a-z0-9]+]]]
    // CHECK: vector.store %[[V]], %[[Y]][%[[ROW]], %[[COLUMN]]] : memref<8x40xf32>, vector<16xf32>
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%[[ROW]], %c32] : memref<8x40xf32>, vector<8xf32>
    // CHECK-NOT: vector.store
    // CHECK: return
    func.func @f16(%x: memref<8x40xf32>, %y: memref<8x40xf32>, %rows: index, %begin: index, %end: index) {
      gemma.pack_rows(%x) into(%y) rows(%rows) {kind = #gemma.kind<f16>} : (memref<8x40xf32>, memref<8x40xf32>, index) -> ()
      return
    }
  }
}
