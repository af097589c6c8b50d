// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 2x4xf32 {{\[\[}}0.649111, 0.713496, 0, 0.867509], [-0.156123, 0.0232391, 0.0183787, -0.0605652]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}0.21802, -0, -0, 0.294924], [-0.110736, 0.0503898, 0.0321208, -0.0503898]]
func.func @main() -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, -3.0], [0.5, -1.0, 0.25]]>
      : tensor<2x3xf32>
  %n = arith.constant dense<[0.5, -0.25, 1.0]>
      : tensor<3xf32>
  %g = arith.constant dense<[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [-2.0, 0.5, 4.0], [0.0, 0.0, -1.0]]>
      : tensor<4x3xf32>
  %u = arith.constant dense<[[0.0, 0.0, -0.5], [-1.0, 0.25, 2.0], [0.5, 0.5, 0.5], [0.5, 0.0, 0.0]]>
      : tensor<4x3xf32>
  %0 = gemma.norm_geglu x(%x) norm(%n) gate(%g) up(%u) {epsilon = 0.5 : f64,
      unit_offset = true, gelu = #gemma.gelu<tanh>}
      : (tensor<2x3xf32>, tensor<3xf32>, tensor<4x3xf32>, tensor<4x3xf32>)
        -> tensor<2x4xf32>
  %1 = gemma.norm_geglu x(%x) gate(%g) up(%u) {epsilon = 0.0 : f64,
      gelu = #gemma.gelu<erf>}
      : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  return %0, %1 : tensor<2x4xf32>, tensor<2x4xf32>
}
