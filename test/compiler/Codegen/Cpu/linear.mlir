// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --canonicalize --cse | FileCheck %s

// The sums are stored as they are. Loops are in matmul.mlir, instructions in
// matmul-floats.mlir and matmul-quantized.mlir, items in matmul-columns.mlir.

module {
  module @kernels {
    // Whole items: no branch.
    // CHECK-LABEL: func.func @whole(
    // CHECK-SAME: memref<8x64xbf16>, %[[W:[^:]*]]: memref<4096xi8>, %[[Y:[^:]*]]: memref<8x32xf32>, %[[ROWS:[^:]*]]: index, %[[BEGIN:[^:]*]]: index, %[[END:[^:]*]]: index)
    // CHECK: %[[SUMS:[a-z0-9_]+]] = memref.alloca() {alignment = 64 : i64} : memref<8x32xf32>
    // CHECK: scf.for %[[ITEM:[a-z0-9]+]] = %[[BEGIN]] to %[[END]] step %c1 {
    // CHECK-NEXT: %[[COLUMN:[0-9]+]] = arith.muli %[[ITEM]], %c32
    // CHECK-NOT: scf.if
    // CHECK: vector.store %{{[0-9]+}}#1, %[[SUMS]][%{{[0-9]+}}, %c16]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[LOW:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[HIGH:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c16]
    // CHECK-NEXT: vector.store %[[LOW]], %[[Y]][%[[ROW]], %[[COLUMN]]] : memref<8x32xf32>, vector<16xf32>
    // CHECK-NEXT: %[[NEXT:[0-9]+]] = arith.addi %[[COLUMN]], %c16
    // CHECK-NEXT: vector.store %[[HIGH]], %[[Y]][%[[ROW]], %[[NEXT]]] : memref<8x32xf32>, vector<16xf32>
    // CHECK-NOT: scf.if
    // CHECK: return
    func.func @whole(%x: memref<8x64xbf16>, %w: !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xbf16>, !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }

    // 40 columns lie in three panels. The last item takes one panel, and stores
    // half of its lanes.
    // CHECK-LABEL: func.func @part(
    // CHECK-SAME: %{{[^:]*}}: memref<8x64xf32>, %{{[^:]*}}: memref<12288xi8>, %[[Y:[^:]*]]: memref<8x40xf32>,
    // CHECK: %[[WHOLE:[0-9]+]] = arith.cmpi slt, %{{[a-z0-9]+}}, %c1 : index
    // CHECK-NEXT: scf.if %[[WHOLE]] {
    // CHECK-COUNT-2: vector.store %{{.*}}, %[[Y]][{{.*}} : memref<8x40xf32>, vector<16xf32>
    // CHECK: } else {
    // CHECK: arith.muli %{{[0-9]+}}, %c4096
    // CHECK-NOT: arith.muli %{{[0-9]+}}, %c4096
    // CHECK: scf.yield
    // CHECK: vector.store %{{[0-9]+}}, %[[SUMS:[a-z0-9_]+]][%{{[0-9]+}}, %c0]
    // CHECK: scf.for %[[ROW:[a-z0-9]+]] = %{{[a-z0-9]+}} to %{{[0-9]+}} step %c1 {
    // CHECK-NEXT: %[[PLACE:[0-9]+]] = arith.remui %[[ROW]],
    // CHECK-NEXT: %[[SUM:[0-9]+]] = vector.load %[[SUMS]][%[[PLACE]], %c0]
    // CHECK-NEXT: %[[PART:[0-9]+]] = vector.extract_strided_slice %[[SUM]] {offsets = [0], sizes = [8], strides = [1]} : vector<16xf32> to vector<8xf32>
    // CHECK-NEXT: vector.store %[[PART]], %[[Y]][{{.*}} : memref<8x40xf32>, vector<8xf32>
    // CHECK-NOT: memref<8x40xf32>, vector<16xf32>
    // CHECK: return
    func.func @part(%x: memref<8x64xf32>, %w: !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x40xf32>, %rows: index, %begin: index, %end: index) {
      gemma.linear(%x, %w) into(%y) rows(%rows) : (memref<8x64xf32>, !gemma.packed<40x64, #gemma.encoding<f32, panel = 16>>, memref<8x40xf32>, index) -> ()
      return
    }
  }
}
