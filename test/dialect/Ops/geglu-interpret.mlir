// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 1x6xf32 {{\[\[}}-0.00727478, -0.154286, 0, -0.345714, 0.420596, 30]]
// CHECK-NEXT: 1x6xf32 {{\[\[}}-0.00809939, -0.154269, 0, -0.345731, 0.420672, 30]]
func.func @main() -> (tensor<1x6xf32>, tensor<1x6xf32>) {
  %gate = arith.constant dense<[[-3.0, -0.5, 0.0, 0.5, 1.0, 30.0]]>
      : tensor<1x6xf32>
  %up = arith.constant dense<[[2.0, 1.0, 5.0, -1.0, 0.5, 1.0]]>
      : tensor<1x6xf32>
  %tanh = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<tanh>}
      : (tensor<1x6xf32>, tensor<1x6xf32>) -> tensor<1x6xf32>
  %erf = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<erf>}
      : (tensor<1x6xf32>, tensor<1x6xf32>) -> tensor<1x6xf32>
  return %tanh, %erf : tensor<1x6xf32>, tensor<1x6xf32>
}
