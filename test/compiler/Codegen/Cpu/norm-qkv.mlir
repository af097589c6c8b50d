// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

module {
  module @kernels {
    // Two heads of 64 channels: items 0 to 3 are keys, 4 to 7 values, 8 and on
    // queries. An item of keys takes a panel of a head's first half and the one
    // of its second half with which it rotates, so half a head (two panels) behind
    // it; of values, two neighbours.
    // CHECK-LABEL: func.func @f32(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[P:[^:]*]]: memref<8x64xf32>, %[[WQ:[^:]*]]: memref<32768xi8>, %[[WK:[^:]*]]: memref<32768xi8>, %[[WV:[^:]*]]: memref<32768xi8>, %[[KEYS:[^:]*]]: memref<1xf32>, %[[VALUES:[^:]*]]: memref<1xf32>, %[[CAPACITY:[^:]*]]: index {gemma.capacity}, %[[POSITIONS:[^:]*]]: memref<8xi32>, %[[SLOTS:[^:]*]]: memref<8xi32>, %[[T:[^:]*]]: memref<66560xi8>, %[[Y:[^:]*]]: memref<8x128xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[K_BYTES:[a-z0-9_]+]] = memref.cast %[[WK]]
    // CHECK-DAG: %[[V_BYTES:[a-z0-9_]+]] = memref.cast %[[WV]]
    // CHECK-DAG: %[[TABLE:[a-z0-9_]+]] = memref.view %[[T]][%c0][] : memref<66560xi8> to memref<260x2x32xf32>
    // CHECK-DAG: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK-DAG: %[[FACTORS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8xf32>
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] = %[[BEGIN]] to %[[END]]
    // CHECK-NEXT: %[[IS_CACHED:[0-9]+]] = arith.cmpi slt, %[[ITEM]], %c8
    // CHECK-NEXT: scf.if %[[IS_CACHED]] {
    // CHECK-NEXT: %[[IS_VALUE:[0-9]+]] = arith.cmpi sge, %[[ITEM]], %c4
    // CHECK-NEXT: %[[LOCAL:[0-9]+]] = arith.remui %[[ITEM]], %c4
    // CHECK-NEXT: %[[HEAD:[0-9]+]] = arith.divui %[[LOCAL]], %c2
    // CHECK-NEXT: %[[PART:[0-9]+]] = arith.remui %[[LOCAL]], %c2
    // CHECK-DAG: %[[BASE:[0-9]+]] = arith.muli %[[HEAD]], %c4
    // CHECK-DAG: %[[TWICE:[0-9]+]] = arith.muli %[[PART]], %c2
    // CHECK-DAG: %[[LOW:[0-9]+]] = arith.select %[[IS_VALUE]], %[[TWICE]], %[[PART]]
    // CHECK-DAG: %[[GAP:[0-9]+]] = arith.select %[[IS_VALUE]], %c1, %c2
    // CHECK-DAG: %[[HIGH:[0-9]+]] = arith.addi %[[LOW]], %[[GAP]]
    // CHECK-DAG: %[[BYTES:[0-9]+]] = arith.select %[[IS_VALUE]], %[[V_BYTES]], %[[K_BYTES]]
    // CHECK-DAG: %[[P0:[0-9]+]] = arith.addi %[[BASE]], %[[LOW]]
    // CHECK-DAG: %[[P1:[0-9]+]] = arith.addi %[[BASE]], %[[HIGH]]
    // CHECK-DAG: %[[A_PANEL:[0-9]+]] = arith.muli %[[P0]], %c4096
    // CHECK-DAG: %[[B_PANEL:[0-9]+]] = arith.muli %[[P1]], %c4096
    // CHECK-NOT: %[[X]][
    // CHECK: scf.for %[[UNIT:[a-z0-9]+]] = {{.*}} iter_args(
    // CHECK: arith.muli %[[UNIT]],
    // CHECK: %[[AT:[0-9]+]] = arith.muli %[[UNIT]],
    // CHECK: %[[HERE:[0-9]+]] = arith.addi %[[A_PANEL]], %[[AT]]
    // CHECK-NEXT: vector.load %[[BYTES]][%[[HERE]]]
    // CHECK: %[[THERE:[0-9]+]] = arith.addi %[[B_PANEL]], %[[AT]]
    // CHECK-NEXT: vector.load %[[BYTES]][%[[THERE]]]
    // CHECK: memref.load %[[P]][
    // CHECK: scf.yield
    // CHECK-NOT: %[[X]][
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[FIRST:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[SECOND:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: %[[F:[0-9]+]] = memref.load %[[FACTORS]][%[[ROW]]]
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = vector.broadcast %[[F]]
    // CHECK-DAG: %[[A:[0-9]+]] = arith.mulf %[[FIRST]], %[[FACTOR]]
    // CHECK-DAG: %[[B:[0-9]+]] = arith.mulf %[[SECOND]], %[[FACTOR]]
    // CHECK: memref.load %[[POSITIONS]][%[[ROW]]]
    // CHECK-NEXT: %[[POSITION:[0-9]+]] = arith.index_cast
    // CHECK-NEXT: memref.load %[[SLOTS]][%[[ROW]]]
    // CHECK-NEXT: %[[SLOT:[0-9]+]] = arith.index_cast
    // CHECK-NEXT: arith.remui %[[POSITION]], %[[CAPACITY]]
    //
    // Values are stored as they are.
    // CHECK: scf.if %[[IS_VALUE]] {
    // CHECK-NOT: arith.{{mulf|addf|subf}}
    // CHECK: %[[V_CACHE:[a-z0-9_]+]] = memref.reinterpret_cast %[[VALUES]]
    // CHECK: vector.store %[[A]], %[[V_CACHE]][
    // CHECK: vector.store %[[B]], %[[V_CACHE]][
    //
    // Keys are rotated by the sum of the angles of 256 * i and of j, and stored
    // rotated: a cos - b sin and b cos + a sin.
    // CHECK: } else {
    // CHECK-DAG: %[[FAR:[0-9]+]] = arith.divui %[[POSITION]], %c256
    // CHECK-DAG: %[[NEAR:[0-9]+]] = arith.remui %[[POSITION]], %c256
    // CHECK-DAG: vector.load %[[TABLE]][%[[FAR]], %c0,
    // CHECK-DAG: vector.load %[[TABLE]][%[[FAR]], %c1,
    // CHECK: %[[COS:[0-9]+]] = arith.subf
    // CHECK: %[[SIN:[0-9]+]] = arith.addf
    // CHECK-DAG: %[[BS:[0-9]+]] = arith.mulf %[[B]], %[[SIN]]
    // CHECK-DAG: %[[AC:[0-9]+]] = arith.mulf %[[A]], %[[COS]]
    // CHECK-DAG: %[[KA:[0-9]+]] = arith.subf %[[AC]], %[[BS]]
    // CHECK-DAG: %[[AS:[0-9]+]] = arith.mulf %[[A]], %[[SIN]]
    // CHECK-DAG: %[[BC:[0-9]+]] = arith.mulf %[[B]], %[[COS]]
    // CHECK-DAG: %[[KB:[0-9]+]] = arith.addf %[[BC]], %[[AS]]
    // CHECK: %[[K_CACHE:[a-z0-9_]+]] = memref.reinterpret_cast %[[KEYS]]
    // CHECK: %[[LANE:[0-9]+]] = vector.extract %[[KA]][0]
    // CHECK-NEXT: memref.store %[[LANE]], %[[K_CACHE]][
    // CHECK: %[[LANE:[0-9]+]] = vector.extract %[[KB]][15]
    // CHECK: memref.store %[[LANE]], %[[K_CACHE]][
    //
    // Queries are not rotated here: attention does it.
    // CHECK: } else {
    // CHECK-NEXT: %[[QUERY:[0-9]+]] = arith.subi %[[ITEM]], %c8
    // CHECK-NEXT: %[[COLUMN:[0-9]+]] = arith.muli %[[QUERY]], %c32
    // CHECK: vector.load %[[WQ]][
    // CHECK: scf.yield
    // CHECK-NOT: %[[TABLE]][
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][%{{[a-z0-9]+}}, %[[COLUMN]]] : memref<8x128xf32>, vector<16xf32>
    // CHECK: vector.store %{{[0-9]+}}, %[[Y]][
    // CHECK: return
    func.func @f32(%x: memref<8x64xf32>, %p: memref<8x64xf32>, %wq: !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>, %wk: !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>, %wv: !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>, %c: !gemma.kv_cache<heads = 2, head_dim = 64, element = f32, window = 0>, %pos: memref<8xi32>, %slots: memref<8xi32>, %t: !gemma.packed<260x2x32, #gemma.encoding<f32, panel = 0>>, %y: memref<8x128xf32>, %rows: index, %begin: index, %end: index) {
      gemma.norm_qkv x(%x) packed(%p) weights(%wq, %wk, %wv) cache(%c) at(%pos, %slots) table(%t) into(%y) rows(%rows) {base = 1.0e4 : f64, epsilon = 1.0e-6 : f64, position_scale = 1.0 : f64} : (memref<8x64xf32>, memref<8x64xf32>, !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>, !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>, !gemma.kv_cache<heads = 2, head_dim = 64, element = f32, window = 0>, memref<8xi32>, memref<8xi32>, !gemma.packed<260x2x32, #gemma.encoding<f32, panel = 0>>, memref<8x128xf32>, index) -> ()
      return
    }

    // In bf16 keys lie in pairs of channels, values in pairs of positions: the
    // other position of a pair may be another item's, so a value is stored alone.
    // CHECK-LABEL: func.func @bf16(
    // CHECK-SAME: %[[KEYS:[^:]*]]: memref<1xbf16>, %[[VALUES:[^:]*]]: memref<1xbf16>,
    // CHECK: %[[V_CACHE:[a-z0-9_]+]] = memref.reinterpret_cast %[[VALUES]]
    // CHECK: memref.store %{{[0-9]+}}, %[[V_CACHE]][%{{[0-9]+}}] : memref<?xbf16>
    // CHECK-NOT: vector.store %{{[0-9]+}}, %[[V_CACHE]]
    // CHECK: %[[K_CACHE:[a-z0-9_]+]] = memref.reinterpret_cast %[[KEYS]]
    // CHECK: vector.store %{{[0-9]+}}, %[[K_CACHE]][%{{[0-9]+}}] : memref<?xbf16>, vector<2xbf16>
    // CHECK: return
    func.func @bf16(%x: memref<8x64xf32>, %p: memref<8x64xbf16>, %wq: !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, %wk: !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, %wv: !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, %c: !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, %pos: memref<8xi32>, %slots: memref<8xi32>, %t: !gemma.packed<260x2x16, #gemma.encoding<f32, panel = 0>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.norm_qkv x(%x) packed(%p) weights(%wq, %wk, %wv) cache(%c) at(%pos, %slots) table(%t) into(%y) rows(%rows) {base = 1.0e4 : f64, epsilon = 1.0e-6 : f64, position_scale = 1.0 : f64} : (memref<8x64xf32>, memref<8x64xbf16>, !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>, memref<8xi32>, memref<8xi32>, !gemma.packed<260x2x16, #gemma.encoding<f32, panel = 0>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
