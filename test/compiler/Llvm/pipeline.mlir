// RUN: gemma-opt %s --gemma-llvm-pipeline | FileCheck %s

// The entry stays as it is; kernels get the runtime's ABI.

// CHECK: llvm.func @copy_0(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
// CHECK: llvm.func internal @copy_0_body
// CHECK: llvm.fptrunc
// CHECK-NOT: memref.
// CHECK: func.func @forward
// CHECK: gemma.dispatch @kernels::@copy_0
module {
  module @kernels {
    func.func @copy_0(%x: memref<4x16xf64>, %y: memref<4x16xf32>, %rows: index,
                      %begin: index, %end: index) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      scf.for %m = %c0 to %rows step %c1 {
        %0 = vector.load %x[%m, %c0] : memref<4x16xf64>, vector<16xf64>
        %1 = arith.truncf %0 : vector<16xf64> to vector<16xf32>
        vector.store %1, %y[%m, %c0] : memref<4x16xf32>, vector<16xf32>
      }
      return
    }
  }
  func.func @forward(%x: memref<4x16xf64>, %y: memref<4x16xf32>, %rows: index) {
    gemma.dispatch @kernels::@copy_0(%x, %y) rows(%rows)
      {tiles = 1 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 192 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : memref<4x16xf64>, memref<4x16xf32>
    return
  }
}
