// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 4x3xf32 {{\[\[}}6, 7.5, 9], [1.5, 3, 4.5], [6, 7.5, 9], [-0.75, 0.375, 12]]
// CHECK-NEXT: 2x3xf32 {{\[\[}}6, 7.5, 9], [1.5, 3, 4.5]]
func.func @main() -> (tensor<4x3xf32>, memref<2x3xf32>) {
  %tokens = arith.constant dense<[2, 0, 2, 1]>
      : tensor<4xi32>
  %table = arith.constant dense<[[1.0, 2.0, 3.0], [-0.5, 0.25, 8.0], [4.0, 5.0, 6.0]]>
      : tensor<3x3xbf16>
  %x = gemma.embed(%tokens, %table) {scale = 1.5 : f64}
      : (tensor<4xi32>, tensor<3x3xbf16>) -> tensor<4x3xf32>

  // The buffer form reads the first two of three tokens.
  %buffer = memref.alloc() : memref<3xi32>
  %first = memref.subview %buffer[0] [2] [1]
      : memref<3xi32> to memref<2xi32, strided<[1]>>
  %two = arith.constant 2 : i32
  %zero = arith.constant 0 : i32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      outs(%first : memref<2xi32, strided<[1]>>) {
  ^bb0(%out: i32):
    linalg.yield %two : i32
  }
  %second = memref.subview %buffer[1] [1] [1]
      : memref<3xi32> to memref<1xi32, strided<[1], offset: 1>>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      outs(%second : memref<1xi32, strided<[1], offset: 1>>) {
  ^bb0(%out: i32):
    linalg.yield %zero : i32
  }
  %rows = arith.constant 2 : index
  %y = memref.alloc() : memref<2x3xf32>
  gemma.embed(%buffer, %table) into(%y) rows(%rows) {scale = 1.5 : f64}
      : (memref<3xi32>, tensor<3x3xbf16>, memref<2x3xf32>, index) -> ()
  return %x, %y : tensor<4x3xf32>, memref<2x3xf32>
}
