// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

!n = !gemma.packed<96, #gemma.encoding<f32, panel = 0>>

module {
  module @kernels {
    // An item is a row: its factor, then blocks of 32 columns, which are added
    // to the stream, stored, multiplied by the next norm's weight and packed.
    // CHECK-LABEL: func.func @packed(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x96xf32>, %[[W:[^:]*]]: memref<384xi8>, %[[R:[^:]*]]: memref<8x96xf32>, %[[N:[^:]*]]: memref<384xi8>, %[[Y:[^:]*]]: memref<8x96xf32>, %[[P:[^:]*]]: memref<8x160xi8>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK-DAG: %[[WEIGHT:[a-z0-9_]+]] = memref.view %[[W]][%c0][] : memref<384xi8> to memref<96xf32>
    // CHECK-DAG: %[[NEXT:[a-z0-9_]+]] = memref.view %[[N]][%c0][] : memref<384xi8> to memref<96xf32>
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %[[BEGIN]] to %[[END]] step %c1 {
    // CHECK: math.sqrt
    // CHECK-NEXT: %[[FACTOR:[0-9]+]] = arith.divf
    // CHECK-NEXT: scf.for %[[COLUMN:[a-z0-9]+]] = %c0 to %c96 step %c32 {
    // CHECK-NEXT: %[[F:[0-9]+]] = vector.broadcast %[[FACTOR]]
    // CHECK-NEXT: %[[VALUES:[0-9]+]] = vector.load %[[X]][%[[ROW]], %[[COLUMN]]]
    // CHECK-NEXT: %[[NORMED:[0-9]+]] = arith.mulf %[[VALUES]], %[[F]]
    // CHECK-NEXT: %[[V:[0-9]+]] = vector.load %[[WEIGHT]][%[[COLUMN]]]
    // CHECK-NEXT: %[[V1:[0-9]+]] = arith.addf %[[V]],
    // CHECK-NEXT: %[[SCALED:[0-9]+]] = arith.mulf %[[NORMED]], %[[V1]]
    // CHECK-NEXT: %[[OLD:[0-9]+]] = vector.load %[[R]][%[[ROW]], %[[COLUMN]]]
    // CHECK-NEXT: %[[SUM:[0-9]+]] = arith.addf %[[OLD]], %[[SCALED]]
    // CHECK-NEXT: vector.store %[[SUM]], %[[Y]][%[[ROW]], %[[COLUMN]]]
    // CHECK-NEXT: %[[U:[0-9]+]] = vector.load %[[NEXT]][%[[COLUMN]]]
    // CHECK-NEXT: %[[U1:[0-9]+]] = arith.addf %[[U]],
    // CHECK-NEXT: arith.mulf %[[SUM]], %[[U1]]
    // CHECK-COUNT-4: vector.store {{.*}}, %[[P]][%[[ROW]],
    // CHECK: }
    //
    // The half superblock behind the row.
    // CHECK: vector.store {{.*}}, %[[P]][%[[ROW]], %c96]
    // CHECK-NEXT: vector.store {{.*}}, %[[P]][%[[ROW]], %c112]
    func.func @packed(%x: memref<8x96xf32>, %w: !n, %r: memref<8x96xf32>, %n: !n, %y: memref<8x96xf32>, %p: memref<8x160xi8>, %rows: index, %begin: index, %end: index) {
      gemma.norm_residual(%x, %w) residual(%r) pack(%n) into(%y, %p) rows(%rows) {epsilon = 1.0e-6 : f64, unit_offset = true, pack_unit_offset = true, kind = #gemma.kind<q8_0>} : (memref<8x96xf32>, !n, memref<8x96xf32>, !n, memref<8x96xf32>, memref<8x160xi8>, index) -> ()
      return
    }

    // No weight, nothing packed, and a shorter vector at the end.
    // CHECK-LABEL: func.func @odd(
    // CHECK-SAME: %[[X:[^:]*]]: memref<8x37xf32>, %[[R:[^:]*]]: memref<8x37xf32>, %[[Y:[^:]*]]: memref<8x37xf32>
    // CHECK: scf.for
    // CHECK: vector.store {{.*}}, %[[Y]][{{.*}}, %c0] : memref<8x37xf32>, vector<16xf32>
    // CHECK: vector.store {{.*}}, %[[Y]][{{.*}}, %c16] : memref<8x37xf32>, vector<16xf32>
    // CHECK: vector.store {{.*}}, %[[Y]][{{.*}}, %c32] : memref<8x37xf32>, vector<5xf32>
    // CHECK-NOT: vector.store
    func.func @odd(%x: memref<8x37xf32>, %r: memref<8x37xf32>, %y: memref<8x37xf32>, %rows: index, %begin: index, %end: index) {
      gemma.norm_residual(%x) residual(%r) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64} : (memref<8x37xf32>, memref<8x37xf32>, memref<8x37xf32>, index) -> ()
      return
    }
  }
}
