// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 2x4xf32 {{\[\[}}1, 6, 11, -3], [0.5, -0.25, -0.5, -0.25]]
func.func @main() -> tensor<2x4xf32> {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [0.5, -1.0, 0.25]]>
      : tensor<2x3xf32>
  %w = arith.constant dense<[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [-2.0, 0.5, 4.0], [0.0, 0.0, -1.0]]>
      : tensor<4x3xf32>
  %y = gemma.linear(%x, %w)
      : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}
