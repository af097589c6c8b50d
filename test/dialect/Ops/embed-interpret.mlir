// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 4x3xf32 {{\[\[}}6, 7.5, 9], [1.5, 3, 4.5], [6, 7.5, 9], [-0.75, 0.375, 12]]
func.func @main() -> tensor<4x3xf32> {
  %tokens = arith.constant dense<[2, 0, 2, 1]>
      : tensor<4xi32>
  %table = arith.constant dense<[[1.0, 2.0, 3.0], [-0.5, 0.25, 8.0], [4.0, 5.0, 6.0]]>
      : tensor<3x3xbf16>
  %x = gemma.embed(%tokens, %table) {scale = 1.5 : f64}
      : (tensor<4xi32>, tensor<3x3xbf16>) -> tensor<4x3xf32>
  return %x : tensor<4x3xf32>
}
