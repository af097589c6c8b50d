// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

!cache = !gemma.kv_cache<heads = 2, head_dim = 64, element = f32, window = 16>
!wkv = !gemma.packed<128x64, #gemma.encoding<f32, panel = 16>>
!table = !gemma.packed<260x2x32, #gemma.encoding<f32, panel = 0>>
!n = !gemma.packed<64, #gemma.encoding<f32, panel = 0>>

module {
  module @kernels {
    // Items 0 and 1 are heads of keys, 2 to 5 values, 6 and on queries. Of a
    // head, pairs of panels are multiplied one after the other; then every row
    // is normed, rotated and stored as a whole.
    // CHECK-LABEL: func.func @normed_keys(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x64xf32>, %[[P:[^:]*]]: memref<8x64xf32>, %[[WQ:[^:]*]]: memref<32768xi8>, %[[WK:[^:]*]]: memref<32768xi8>, %[[WV:[^:]*]]: memref<32768xi8>, {{.*}}, %[[N:[^:]*]]: memref<256xi8>, %[[Y:[^:]*]]: memref<8x128xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[KEY_ROWS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x64xf32>
    // CHECK-DAG: %[[V_BYTES:[a-z0-9_]+]] = memref.cast %[[WV]]
    // CHECK-DAG: %[[Q_BYTES:[a-z0-9_]+]] = memref.cast %[[WQ]]
    // CHECK-DAG: %[[NORM:[a-z0-9_]+]] = memref.view %[[N]][%c0][] : memref<256xi8> to memref<64xf32>
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] = %[[BEGIN]] to %[[END]]
    // CHECK-NEXT: %[[IS_KEY:[0-9]+]] = arith.cmpi slt, %[[ITEM]], %c2
    // CHECK-NEXT: scf.if %[[IS_KEY]] {
    // CHECK-NEXT: %[[PANEL:[0-9]+]] = arith.muli %[[ITEM]], %c4
    // CHECK: scf.for %[[PAIR:[a-z0-9]+]] = %c0 to %c2 step %c1 {
    // CHECK: %[[TWO:[0-9]+]] = arith.muli %[[PAIR]], %c2
    // CHECK: arith.addi %[[PANEL]], %[[TWO]]
    // CHECK: vector.load %[[WK]]
    // CHECK: vector.store {{.*}}, %[[KEY_ROWS]][
    // CHECK: vector.store {{.*}}, %[[KEY_ROWS]][
    // CHECK: math.sqrt
    // CHECK: scf.for %[[CHANNEL:[a-z0-9]+]] = %c0 to %c32 step %c16 {
    // CHECK: %[[OTHER:[0-9]+]] = arith.addi %[[CHANNEL]], %c32
    // CHECK: vector.load %[[KEY_ROWS]][{{.*}}, %[[CHANNEL]]]
    // CHECK: vector.load %[[NORM]][%[[CHANNEL]]]
    // CHECK: vector.load %[[KEY_ROWS]][{{.*}}, %[[OTHER]]]
    // CHECK: vector.load %[[NORM]][%[[OTHER]]]
    // CHECK: } else {
    // CHECK-NEXT: %[[LOCAL:[0-9]+]] = arith.subi %[[ITEM]], %c2
    // CHECK-NEXT: %[[IS_VALUE:[0-9]+]] = arith.cmpi slt, %[[LOCAL]], %c4
    // CHECK: arith.select %[[IS_VALUE]], %[[V_BYTES]], %[[Q_BYTES]]
    // CHECK: scf.if %[[IS_VALUE]] {
    // CHECK: } else {
    // CHECK-NEXT: vector.store {{.*}}, %[[Y]][
    func.func @normed_keys(%x: memref<8x64xf32>, %packed: memref<8x64xf32>, %q: !wkv, %k: !wkv, %v: !wkv, %c: !cache, %p: memref<8xi32>, %s: memref<8xi32>, %t: !table, %n: !n, %y: memref<8x128xf32>, %rows: index, %begin: index, %end: index) {
      gemma.norm_qkv x(%x) packed(%packed) weights(%q, %k, %v) cache(%c) at(%p, %s) table(%t) k_norm(%n) into(%y) rows(%rows) {base = 1.0e4 : f64, epsilon = 1.0e-6 : f64, position_scale = 1.0 : f64, k_epsilon = 1.0e-6 : f64, k_unit_offset = true} : (memref<8x64xf32>, memref<8x64xf32>, !wkv, !wkv, !wkv, !cache, memref<8xi32>, memref<8xi32>, !table, !n, memref<8x128xf32>, index) -> ()
      return
    }
  }
}
