// RUN: split-file %s %t
// RUN: cat %t/vnni %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,DOT --implicit-check-not=arith.sitofp
// RUN: cat %t/avx2 %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,FUSED,PLAIN --implicit-check-not=llvm.call_intrinsic
// RUN: cat %t/generic %t/body | gemma-opt --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %t/body --check-prefixes=CHECK,GENERIC,PLAIN --implicit-check-not=llvm.call_intrinsic --implicit-check-not=vector.fma --implicit-check-not=arith.extf

//--- vnni
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "cascadelake", features = ["avx512bw", "avx512dq", "avx512f", "avx512vl", "avx512vnni", "fma"], stub = false}} {
//--- avx2
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = ["avx", "avx2", "f16c", "fma"], stub = false}} {
//--- generic
module attributes {gemma.options = {weights = "q8_0", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = [], stub = false}} {
//--- body
  module @kernels {
    // A block of 32 values starts from the row's correction (144 and 148
    // bytes behind the row, after 128 values and 4 scales), weights are the unsigned operand, and
    // the exact sum times both scales is added to the f32 sum, first block first.
    // From vpdpbusd comes an f32 that is too large by 1.5 * 2^23, which the same
    // multiply-add takes away; elsewhere integers become f32.
    // CHECK-LABEL: func.func @q8_0(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x160xi8>, %[[W:[^:]*]]: memref<4352xi8>, %{{[^:]*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // DOT-DAG: %[[BIAS:[a-z0-9_]+]] = arith.constant dense<0xCB400000> : vector<16xf32>
    // CHECK: %[[A:[0-9]+]] = arith.muli %{{[0-9]+}}, %c2176
    // CHECK: %[[LAST:[0-9]+]] = arith.minsi %{{[0-9]+}}, %[[ROWS]]
    // CHECK: %[[MANY:[0-9]+]] = arith.cmpi sgt
    // CHECK: scf.if %[[MANY]] {
    // CHECK: } else {
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: scf.for %[[BLOCK:[a-z0-9]+]] = %c0 to %c2 step %c1 iter_args(%[[ACC:[a-z0-9]+]] =
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.muli %[[BLOCK]], %c1088
    // CHECK-NEXT: %[[COLUMN:[0-9]+]] = arith.muli %[[BLOCK]], %c64
    // CHECK: %[[WORD:[0-9]+]] = arith.muli %[[BLOCK]], %c8
    // CHECK-NEXT: %[[C0:[0-9]+]] = arith.addi %[[WORD]], %c144
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C0]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: %[[CORRECTION:[0-9]+]] = vector.broadcast %{{[0-9]+}} : i32 to vector<16xi32>
    // CHECK-NEXT: %[[LINE:[0-9]+]] = arith.addi %[[AT]], %c64
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[LINE]]
    // CHECK-NEXT: %[[W0:[0-9]+]] = vector.load %[[W]][%[[PLACE]]] {alignment = 64 : i64} : memref<4352xi8>, vector<64xi8>
    // CHECK: vector.load %[[X]][%[[ROW]], %[[COLUMN]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: %[[X0:[0-9]+]] = vector.broadcast %{{[0-9]+}} : i32 to vector<16xi32>
    // DOT-NEXT: %[[INPUT:[0-9]+]] = vector.bitcast %[[X0]] : vector<16xi32> to vector<64xi8>
    // DOT-NEXT: %[[D0:[0-9]+]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[CORRECTION]], %[[W0]], %[[INPUT]])
    // PLAIN-NEXT: %[[W32:[0-9]+]] = vector.bitcast %[[W0]] : vector<64xi8> to vector<16xi32>
    // PLAIN-NEXT: %[[WEIGHTS:[0-9]+]] = arith.andi %[[W32]],
    // PLAIN-NEXT: %[[SHIFTED:[0-9]+]] = arith.shli %[[X0]],
    // PLAIN-NEXT: %[[VALUES:[0-9]+]] = arith.shrsi %[[SHIFTED]],
    // PLAIN-NEXT: %[[PRODUCTS:[0-9]+]] = arith.muli %[[WEIGHTS]], %[[VALUES]]
    // PLAIN-NEXT: arith.addi %[[CORRECTION]], %[[PRODUCTS]]
    // CHECK: %[[C4:[0-9]+]] = arith.addi %[[COLUMN]], %c4
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C4]]] : memref<8x160xi8>, vector<4xi8>
    // DOT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[D0]],
    // CHECK: %[[C28:[0-9]+]] = arith.addi %[[COLUMN]], %c28
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C28]]] : memref<8x160xi8>, vector<4xi8>
    // DOT: %[[D7:[0-9]+]] = llvm.call_intrinsic
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[AT]]
    // CHECK-NEXT: vector.load %[[W]][%[[PLACE]]] {alignment = 32 : i64} : memref<4352xi8>, vector<32xi8>
    // CHECK-NEXT: %[[HALVES:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<32xi8> to vector<16xf16>
    // FUSED-NEXT: %[[SW:[0-9]+]] = arith.extf %[[HALVES]]
    // GENERIC: %[[SIGNED:[0-9]+]] = arith.ori
    // GENERIC-NEXT: %[[SW:[0-9]+]] = arith.bitcast %[[SIGNED]] : vector<16xi32> to vector<16xf32>
    // CHECK: %[[S0:[0-9]+]] = arith.addi %[[WORD]], %c128
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[S0]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: %[[SX:[0-9]+]] = vector.broadcast %{{[0-9]+}} : f32 to vector<16xf32>
    // DOT-NEXT: %[[TOO_MUCH:[0-9]+]] = arith.mulf %[[SW]], %[[BIAS]]
    // DOT-NEXT: %[[LARGE:[0-9]+]] = arith.bitcast %[[D7]] : vector<16xi32> to vector<16xf32>
    // DOT-NEXT: %[[SCALED:[0-9]+]] = vector.fma %[[LARGE]], %[[SW]], %[[TOO_MUCH]]
    // PLAIN-NEXT: %[[EXACT:[0-9]+]] = arith.sitofp %{{[0-9]+}} : vector<16xi32> to vector<16xf32>
    // PLAIN-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[EXACT]], %[[SW]]
    // FUSED-NEXT: %[[SUM:[0-9]+]] = vector.fma %[[SCALED]], %[[SX]], %[[ACC]]
    // GENERIC-NEXT: %[[PRODUCT:[0-9]+]] = arith.mulf %[[SCALED]], %[[SX]]
    // GENERIC-NEXT: %[[SUM:[0-9]+]] = arith.addf %[[PRODUCT]], %[[ACC]]
    // CHECK: %[[C1:[0-9]+]] = arith.addi %[[WORD]], %c148
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C1]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: arith.addi %[[COLUMN]], %c32
    // CHECK: arith.addi %[[COLUMN]], %c60
    // CHECK: %[[LINE:[0-9]+]] = arith.addi %[[AT]], %c32
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[LINE]]
    // CHECK-NEXT: vector.load %[[W]][%[[PLACE]]] {alignment = 32 : i64} : memref<4352xi8>, vector<32xi8>
    // CHECK: %[[S1:[0-9]+]] = arith.addi %[[WORD]], %c132
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[S1]]] : memref<8x160xi8>, vector<4xi8>
    // FUSED: vector.fma %{{[0-9]+}}, %{{[0-9]+}}, %[[SUM]]
    // GENERIC: arith.addf %{{[0-9]+}}, %[[SUM]]
    // CHECK: scf.yield
    // CHECK: return
    func.func @q8_0(%x: memref<8x160xi8>, %w: !gemma.packed<32x128, #gemma.encoding<q8_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x160xi8>, !gemma.packed<32x128, #gemma.encoding<q8_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // One load of four-bit weights is two steps of K: the low halves of its bytes
    // meet the row's values 0 to 3, the high halves 4 to 7. K of 70 is two
    // superblocks, in rows and in weights: 64 bytes of scales and 8 vectors of
    // nibbles each; 128 integers, then 4 scales and 4 corrections.
    // CHECK-LABEL: func.func @q4_0(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x160xi8>, %[[W:[^:]*]]: memref<2304xi8>, %{{[^:]*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK-DAG: %[[MASK:[a-z0-9_]+]] = arith.constant dense<15> : vector<64xi8>
    // CHECK-DAG: %[[FOUR:[a-z0-9_]+]] = arith.constant dense<4> : vector<32xi16>
    // CHECK: %[[A:[0-9]+]] = arith.muli %{{[0-9]+}}, %c1152
    // CHECK: %[[LAST:[0-9]+]] = arith.minsi %{{[0-9]+}}, %[[ROWS]]
    // CHECK: scf.if
    // CHECK: } else {
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: scf.for %[[BLOCK:[a-z0-9]+]] = %c0 to %c2 step %c1 iter_args(
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.muli %[[BLOCK]], %c576
    // CHECK-NEXT: %[[COLUMN:[0-9]+]] = arith.muli %[[BLOCK]], %c64
    // CHECK-NEXT: %[[WORD:[0-9]+]] = arith.muli %[[BLOCK]], %c8
    // CHECK-NEXT: %[[C0:[0-9]+]] = arith.addi %[[WORD]], %c144
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C0]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: %[[CORRECTION:[0-9]+]] = vector.broadcast
    // CHECK-NEXT: %[[LINE:[0-9]+]] = arith.addi %[[AT]], %c64
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[LINE]]
    // CHECK-NEXT: %[[W0:[0-9]+]] = vector.load %[[W]][%[[PLACE]]] {alignment = 64 : i64} : memref<2304xi8>, vector<64xi8>
    // CHECK-NEXT: %[[SHORTS:[0-9]+]] = vector.bitcast %[[W0]] : vector<64xi8> to vector<32xi16>
    // CHECK-NEXT: %[[SHIFTED:[0-9]+]] = arith.shrui %[[SHORTS]], %[[FOUR]]
    // CHECK-NEXT: %[[LOW:[0-9]+]] = arith.andi %[[W0]], %[[MASK]]
    // CHECK-NEXT: %[[NIBBLES:[0-9]+]] = vector.bitcast %[[SHIFTED]] : vector<32xi16> to vector<64xi8>
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = arith.andi %[[NIBBLES]], %[[MASK]]
    // CHECK: vector.load %[[X]][%[[ROW]], %[[COLUMN]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: %[[X0:[0-9]+]] = vector.broadcast
    // DOT-NEXT: %[[INPUT:[0-9]+]] = vector.bitcast %[[X0]]
    // DOT-NEXT: %[[D0:[0-9]+]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[CORRECTION]], %[[LOW]], %[[INPUT]])
    // PLAIN-NEXT: vector.bitcast %[[LOW]]
    // CHECK: %[[C4:[0-9]+]] = arith.addi %[[COLUMN]], %c4
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C4]]] : memref<8x160xi8>, vector<4xi8>
    // CHECK: %[[X1:[0-9]+]] = vector.broadcast
    // DOT-NEXT: %[[INPUT:[0-9]+]] = vector.bitcast %[[X1]]
    // DOT-NEXT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[D0]], %[[HIGH]], %[[INPUT]])
    // PLAIN-NEXT: vector.bitcast %[[HIGH]]
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[AT]]
    // CHECK-NEXT: vector.load %[[W]][%[[PLACE]]] {alignment = 32 : i64} : memref<2304xi8>, vector<32xi8>
    // CHECK: %[[S0:[0-9]+]] = arith.addi %[[WORD]], %c128
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[S0]]]
    // CHECK: %[[C1:[0-9]+]] = arith.addi %[[WORD]], %c148
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[C1]]]
    // CHECK: arith.addi %[[AT]], %c320
    // CHECK: arith.addi %[[COLUMN]], %c32
    // CHECK: %[[S1:[0-9]+]] = arith.addi %[[WORD]], %c132
    // CHECK-NEXT: vector.load %[[X]][%[[ROW]], %[[S1]]]
    // CHECK: return
    func.func @q4_0(%x: memref<8x160xi8>, %w: !gemma.packed<32x70, #gemma.encoding<q4_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x160xi8>, !gemma.packed<32x70, #gemma.encoding<q4_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // For many rows a chunk of both panels is expanded, once: scales become f32,
    // and integers a byte each. Rows are multiplied with that, panel behind panel
    // in scratch, and prefetch lines of the next chunk: block by block of rows
    // the lines behind each other, and behind the panel those of the next pair.
    // CHECK-LABEL: func.func @expanded_q4_0(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x10240xi8>, %[[W:[^:]*]]: memref<147456xi8>, %{{[^:]*}}: memref<8x32xf32>, %[[ROWS:[^:]*]]: index,
    // CHECK-DAG: %[[MASK:[a-z0-9_]+]] = arith.constant dense<15> : vector<64xi8>
    // DOT-DAG: %[[BIAS:[a-z0-9_]+]] = arith.constant dense<0xCB400000> : vector<16xf32>
    // CHECK: %[[BYTES:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<{{[0-9]+}}xi8>
    // CHECK: %[[A:[0-9]+]] = arith.muli %{{[0-9]+}}, %c73728
    // CHECK: %[[B:[0-9]+]] = arith.muli %{{[0-9]+}}, %c73728
    // CHECK: scf.for %[[FIRST:[a-z0-9]+]] = %c0 to %[[ROWS]] step
    // CHECK: %[[LAST:[0-9]+]] = arith.minsi %{{[0-9]+}}, %[[ROWS]]
    // CHECK: %[[MANY:[0-9]+]] = arith.cmpi sgt
    // CHECK: %[[SIZE:[0-9]+]] = arith.select %[[MANY]], %c[[#CHUNK:]], %c128
    // CHECK-NEXT: scf.for %[[BEFORE:[a-z0-9]+]] = %c0 to %c128 step %[[SIZE]] {
    // CHECK-NEXT: %[[BEHIND:[0-9]+]] = arith.addi %[[BEFORE]], %[[SIZE]]
    // CHECK-NEXT: %[[AFTER:[0-9]+]] = arith.minsi %[[BEHIND]], %c128
    // CHECK-NEXT: scf.if %[[MANY]] {
    // CHECK-NEXT: scf.for %[[BLOCK:[a-z0-9]+]] = %[[BEFORE]] to %[[AFTER]] step %c1 {
    // CHECK-NEXT: %[[FROM:[0-9]+]] = arith.muli %[[BLOCK]], %c576
    // CHECK-NEXT: %[[LOCAL:[0-9]+]] = arith.subi %[[BLOCK]], %[[BEFORE]]
    // CHECK-NEXT: %[[TO:[0-9]+]] = arith.muli %[[LOCAL]], %c1152
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[FROM]]
    // CHECK-NEXT: vector.load %[[W]][%[[PLACE]]] {alignment = 32 : i64} : memref<147456xi8>, vector<32xi8>
    // CHECK-NEXT: %[[HALVES:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<32xi8> to vector<16xf16>
    // FUSED-NEXT: %[[SCALES:[0-9]+]] = arith.extf %[[HALVES]]
    // GENERIC: %[[SIGNED:[0-9]+]] = arith.ori
    // GENERIC-NEXT: %[[SCALES:[0-9]+]] = arith.bitcast %[[SIGNED]] : vector<16xi32> to vector<16xf32>
    // CHECK-NEXT: %[[LINE:[0-9]+]] = vector.bitcast %[[SCALES]] : vector<16xf32> to vector<64xi8>
    // CHECK-NEXT: vector.store %[[LINE]], %[[BYTES]][%[[TO]]] {alignment = 64 : i64} : memref<[[#mul(CHUNK,2304)]]xi8>, vector<64xi8>
    // CHECK: arith.addi %[[FROM]], %c32
    // CHECK: %[[LINE:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<16xf32> to vector<64xi8>
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[TO]], %c64
    // CHECK-NEXT: vector.store %[[LINE]], %[[BYTES]][%[[PLACE]]]
    // CHECK: %[[V:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 64 : i64} : memref<147456xi8>, vector<64xi8>
    // CHECK: %[[LOW:[0-9]+]] = arith.andi %[[V]], %[[MASK]]
    // CHECK: %[[HIGH:[0-9]+]] = arith.andi %{{[0-9]+}}, %[[MASK]]
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[TO]], %c128
    // CHECK-NEXT: vector.store %[[LOW]], %[[BYTES]][%[[PLACE]]] {alignment = 64 : i64}
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[TO]], %c192
    // CHECK-NEXT: vector.store %[[HIGH]], %[[BYTES]][%[[PLACE]]] {alignment = 64 : i64}
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[TO]], %c1088
    // CHECK-NEXT: vector.store %{{[0-9]+}}, %[[BYTES]][%[[PLACE]]]
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[B]], %[[FROM]]
    // CHECK-NEXT: vector.load %[[W]][%[[PLACE]]] {alignment = 32 : i64}
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[TO]], %c[[#mul(CHUNK,1152)]]
    // CHECK-NEXT: vector.store %{{[0-9]+}}, %[[BYTES]][%[[PLACE]]]
    //
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: arith.subi %[[ROW]], %[[FIRST]]
    // CHECK: %[[INDEX:[0-9]+]] = arith.remui %{{[a-z0-9]+}}, %c9
    // CHECK: %[[NUMBER:[0-9]+]] = arith.muli %[[INDEX]], %c64
    // CHECK: scf.for %[[BLOCK:[a-z0-9]+]] = %[[BEFORE]] to %[[AFTER]] step %c1 iter_args(
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.muli %[[BLOCK]], %c576
    // CHECK-NEXT: %[[INSIDE:[0-9]+]] = arith.cmpi slt, %[[AT]], %c[[#sub(73728,mul(CHUNK,576))]]
    // CHECK-NEXT: %[[AHEAD:[0-9]+]] = arith.select %[[INSIDE]], %c[[#mul(CHUNK,576)]], %c[[#add(73728,mul(CHUNK,576))]]
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[AT]], %[[AHEAD]]
    // CHECK-NEXT: %[[LINE:[0-9]+]] = arith.addi %[[NEXT]], %[[NUMBER]]
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[LINE]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[PLACE]]], read
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[B]], %[[LINE]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[PLACE]]], read
    // CHECK-NEXT: %[[LOCAL:[0-9]+]] = arith.subi %[[BLOCK]], %[[BEFORE]]
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.muli %[[LOCAL]], %c1152
    // CHECK-NEXT: %[[COLUMN:[0-9]+]] = arith.muli %[[BLOCK]], %c64
    // CHECK-NEXT: %[[WORD:[0-9]+]] = arith.muli %[[BLOCK]], %c8
    // CHECK-NOT: %[[W]][
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[AT]], %c128
    // CHECK-NEXT: %[[W0:[0-9]+]] = vector.load %[[BYTES]][%[[PLACE]]] {alignment = 64 : i64}
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[AT]], %c192
    // CHECK-NEXT: %[[W1:[0-9]+]] = vector.load %[[BYTES]][%[[PLACE]]] {alignment = 64 : i64}
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[AT]], %c[[#add(128,mul(CHUNK,1152))]]
    // CHECK-NEXT: vector.load %[[BYTES]][%[[PLACE]]] {alignment = 64 : i64}
    // CHECK: vector.load %[[X]][%[[ROW]], %[[COLUMN]]] : memref<8x10240xi8>, vector<4xi8>
    // DOT: %[[D0:[0-9]+]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%{{[0-9]+}}, %[[W0]],
    // DOT: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%[[D0]], %[[W1]],
    // PLAIN: vector.bitcast %[[W0]] : vector<64xi8> to vector<16xi32>
    // PLAIN: vector.bitcast %[[W1]] : vector<64xi8> to vector<16xi32>
    // CHECK-NOT: %[[W]][
    // CHECK: vector.load %[[BYTES]][%[[AT]]] {alignment = 64 : i64}
    // CHECK-NEXT: %[[SW:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<64xi8> to vector<16xf32>
    // DOT: arith.mulf %[[SW]], %[[BIAS]]
    // PLAIN: arith.mulf %{{[0-9]+}}, %[[SW]]
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[AT]], %c64
    // CHECK-NEXT: vector.load %[[BYTES]][%[[PLACE]]] {alignment = 64 : i64}
    // CHECK-NOT: %[[W]][
    // CHECK: scf.yield
    //
    // Of few rows each line is read from the weight, and prefetches a later one.
    // CHECK: } else {
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %[[LAST]] step %c1 {
    // CHECK: scf.for %[[BLOCK:[a-z0-9]+]] = %[[BEFORE]] to %[[AFTER]] step %c1 iter_args(
    // CHECK-NEXT: %[[AT:[0-9]+]] = arith.muli %[[BLOCK]], %c576
    // CHECK: %[[INSIDE:[0-9]+]] = arith.cmpi slt, %[[AT]], %c[[#LIMIT:]]
    // CHECK-NEXT: %[[AHEAD:[0-9]+]] = arith.select %[[INSIDE]], %c[[#73728-LIMIT]], %c[[#147456-LIMIT]]
    // CHECK: %[[INSIDE:[0-9]+]] = arith.cmpi slt, %[[AT]], %c[[#FAR:]]
    // CHECK-NEXT: %[[BEYOND:[0-9]+]] = arith.select %[[INSIDE]], %c[[#73728-FAR]], %c[[#147456-FAR]]
    // CHECK: %[[LINE:[0-9]+]] = arith.addi %[[AT]], %c64
    // CHECK-NEXT: %[[LATER:[0-9]+]] = arith.addi %[[LINE]], %[[AHEAD]]
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[LATER]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[PLACE]]], read, locality<3>
    // CHECK-NEXT: %[[LAST:[0-9]+]] = arith.addi %[[LINE]], %[[BEYOND]]
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[LAST]]
    // CHECK-NEXT: memref.prefetch %[[W]][%[[PLACE]]], read, locality<2>
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.addi %[[A]], %[[LINE]]
    // CHECK-NEXT: vector.load %[[W]][%[[PLACE]]] {alignment = 64 : i64}
    // CHECK-NOT: %[[BYTES]][
    // CHECK: return
    func.func @expanded_q4_0(%x: memref<8x10240xi8>, %w: !gemma.packed<32x8192, #gemma.encoding<q4_0, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x10240xi8>, !gemma.packed<32x8192, #gemma.encoding<q4_0, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // Of q8_0 only the scales change. A panel that is read alone, the last of
    // three, is expanded alone.
    // CHECK-LABEL: func.func @expanded_q8_0(
    // CHECK-SAME: %[[W:[^:]*]]: memref<6528xi8>,
    // CHECK: %[[BYTES:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<{{[0-9]+}}xi8>
    // CHECK-COUNT-3: arith.muli %{{[0-9]+}}, %c2176
    // CHECK: %[[MANY:[0-9]+]] = arith.cmpi sgt
    // CHECK: scf.if %[[MANY]] {
    // CHECK-NEXT: scf.for %[[BLOCK:[a-z0-9]+]] = %c0 to %c2 step %c1 {
    // CHECK: %[[TO:[0-9]+]] = arith.muli %[[BLOCK]], %c1152
    // CHECK: %[[LINE:[0-9]+]] = vector.bitcast %{{[0-9]+}} : vector<16xf32> to vector<64xi8>
    // CHECK-NEXT: vector.store %[[LINE]], %[[BYTES]][%[[TO]]]
    // CHECK: %[[V:[0-9]+]] = vector.load %[[W]][%{{[0-9]+}}] {alignment = 64 : i64}
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[TO]], %c128
    // CHECK-NEXT: vector.store %[[V]], %[[BYTES]][%[[PLACE]]]
    // CHECK: %[[PLACE:[0-9]+]] = arith.addi %[[TO]], %c1088
    // CHECK-NEXT: vector.store %{{[0-9]+}}, %[[BYTES]][%[[PLACE]]] {{.*}}vector<64xi8>
    // CHECK-NEXT: }
    // CHECK: return
    func.func @expanded_q8_0(%x: memref<8x160xi8>, %w: !gemma.packed<48x128, #gemma.encoding<q8_0, panel = 16>>, %y: memref<8x48xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x160xi8>, !gemma.packed<48x128, #gemma.encoding<q8_0, panel = 16>>, memref<8x48xf32>, index) -> ()
      return
    }
  }
}
