// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 4x2xf32 {{\[\[}}5, 6], [1, 2], [1, 2], [3, 4]]
func.func @main() -> tensor<4x2xf32> {
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]>
      : tensor<3x2xf32>
  %indices = arith.constant dense<[2, 0, 0, 1]>
      : tensor<4xi32>
  %y = gemma.select_rows(%x, %indices)
      : (tensor<3x2xf32>, tensor<4xi32>) -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}
