// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// Views at other offsets do not touch each other; parts of one do.

// CHECK: 4x2xf32 {{\[\[}}1, 1], [2, 2], [1, 1], [2, 2]]
// CHECK-NEXT: 2xf32 [2, 2]
// CHECK-NEXT: index 4
#id = affine_map<(i, j) -> (i, j)>
func.func @main() -> (memref<4x2xf32>, memref<2xf32>, index) {
  %arena = memref.alloc() : memref<128xi8>
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c2 = arith.constant 2 : index
  %a = memref.view %arena[%c0][] : memref<128xi8> to memref<4x2xf32>
  %b = memref.view %arena[%c64][] : memref<128xi8> to memref<4x2xf32>
  %even = memref.subview %a[0, 0] [%c2, 2] [2, 1]
      : memref<4x2xf32> to memref<?x2xf32, strided<[4, 1]>>
  %odd = memref.subview %a[1, 0] [2, 2] [2, 1]
      : memref<4x2xf32> to memref<2x2xf32, strided<[4, 1], offset: 2>>
  %one = arith.constant 1.0 : f32
  %two = arith.constant 2.0 : f32
  linalg.generic {indexing_maps = [#id],
                  iterator_types = ["parallel", "parallel"]}
      outs(%even : memref<?x2xf32, strided<[4, 1]>>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  }
  linalg.generic {indexing_maps = [#id],
                  iterator_types = ["parallel", "parallel"]}
      outs(%odd : memref<2x2xf32, strided<[4, 1], offset: 2>>) {
  ^bb0(%out: f32):
    linalg.yield %two : f32
  }
  memref.copy %a, %b : memref<4x2xf32> to memref<4x2xf32>
  %column = memref.alloc() : memref<2xf32>
  %cast = memref.cast %b : memref<4x2xf32> to memref<?x2xf32>
  %size = memref.dim %cast, %c0 : memref<?x2xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      outs(%column : memref<2xf32>) {
  ^bb0(%out: f32):
    linalg.yield %two : f32
  }
  memref.dealloc %a : memref<4x2xf32>
  return %b, %column, %size : memref<4x2xf32>, memref<2xf32>, index
}
