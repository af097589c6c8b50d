// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// Rows in any order, one of them twice.
// CHECK: 3x4xf32 {{\[\[}}0.774597, 0.516398, 0.129099, -0.516398], [0.659912, -1.31982, -11.5485, 2.63965], [0.774597, 0.516398, 0.129099, -0.516398]]
// CHECK-NEXT: 3x4xf32 {{\[\[}}0.738058, 0.50522, 0.12892, -0.50522], [0.636962, -1.15661, -1.99996, 1.73348], [0.738058, 0.50522, 0.12892, -0.50522]]
func.func @main() -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, -3.0], [0.5, -1.0, 0.25]]>
      : tensor<2x3xf32>
  %n = arith.constant dense<[0.5, -0.25, 1.0]>
      : tensor<3xf32>
  %w = arith.constant dense<[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [-2.0, 0.5, 4.0], [0.0, 0.0, -1.0]]>
      : tensor<4x3xf32>
  %i = arith.constant dense<[1, 0, 1]>
      : tensor<3xi32>
  %0 = gemma.lm_head x(%x) norm(%n) of(%i) weight(%w) {epsilon = 0.5 : f64,
      unit_offset = true}
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xi32>, tensor<4x3xf32>)
        -> tensor<3x4xf32>
  %1 = gemma.lm_head x(%x) norm(%n) of(%i) weight(%w) {epsilon = 0.5 : f64,
      unit_offset = true, cap = 2.0 : f64}
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xi32>, tensor<4x3xf32>)
        -> tensor<3x4xf32>
  return %0, %1 : tensor<3x4xf32>, tensor<3x4xf32>
}
