// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 2x4xf32 {{\[\[}}0.659912, -1.31982, -11.5485, 2.63965], [0.774597, 0.516398, 0.129099, -0.516398]]
// CHECK-NEXT: 2x2xf32 {{\[\[}}-5.2793, 2.63965], [1.80739, 1.54919]]
// CHECK-NEXT: 2x2xf32 {{\[\[}}-3.00892, 2.31455], [1.88982, 0.755929]]
// CHECK-NEXT: 2x2xf32 {{\[\[}}-2.41968, 0.439941], [0.516398, 1.0328]]
func.func @main() -> (tensor<2x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>,
    tensor<2x2xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, -3.0], [0.5, -1.0, 0.25]]>
      : tensor<2x3xf32>
  %n = arith.constant dense<[0.5, -0.25, 1.0]>
      : tensor<3xf32>
  %a = arith.constant dense<[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [-2.0, 0.5, 4.0], [0.0, 0.0, -1.0]]>
      : tensor<4x3xf32>
  %b = arith.constant dense<[[0.5, -0.5, 2.0], [3.0, 1.0, 0.0]]>
      : tensor<2x3xf32>
  %0, %1 = gemma.norm_linear x(%x) norm(%n) weights(%a, %b)
      {epsilon = 0.5 : f64, unit_offset = true}
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<4x3xf32>, tensor<2x3xf32>)
        -> (tensor<2x4xf32>, tensor<2x2xf32>)
  %2 = gemma.norm_linear x(%x) weights(%b) {epsilon = 0.0 : f64}
      : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  %3 = gemma.norm_linear x(%x) norm(%n) weights(%b) {epsilon = 0.5 : f64}
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<2x3xf32>) -> tensor<2x2xf32>
  return %0, %1, %2, %3 : tensor<2x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>,
      tensor<2x2xf32>
}
