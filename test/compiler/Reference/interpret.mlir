// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// One line per result: its type as it turned out, its values in row-major
// order with six digits.

// CHECK: 2x1x3xf32 {{\[\[\[}}1, 2.5, -3.33333]], {{\[\[}}1e+20, 1e-20, -0]]]
// CHECK-NEXT: 2x2xi32 {{\[\[}}1, 2], [3, -4]]
// CHECK-NEXT: 3x2xf32 {{\[\[}}5, 6], [1, 2], [5, 6]]
// CHECK-NEXT: 0x2xf32 []
// CHECK-NEXT: f32 0.1
// CHECK-NEXT: index 7
// CHECK-NOT: {{.}}
func.func @main() -> (tensor<2x1x3xf32>, tensor<2x2xi32>, tensor<?x2xf32>,
                      tensor<?x2xf32>, f32, index) {
  %a = arith.constant dense<[[[1.0, 2.5, -3.33333333]], [[1.0e20, 1.0e-20, -0.0]]]>
      : tensor<2x1x3xf32>
  %b = arith.constant dense<[[1, 2], [3, -4]]> : tensor<2x2xi32>
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]>
      : tensor<3x2xf32>
  %rows = arith.constant dense<[2, 0, 2]> : tensor<3xi32>
  %c = gemma.select_rows(%x, %rows)
      : (tensor<3x2xf32>, tensor<3xi32>) -> tensor<?x2xf32>
  %none = arith.constant dense<> : tensor<0xi32>
  %d = gemma.select_rows(%x, %none)
      : (tensor<3x2xf32>, tensor<0xi32>) -> tensor<?x2xf32>
  %e = arith.constant 0.1 : f32
  %f = arith.constant 7 : index
  return %a, %b, %c, %d, %e, %f
      : tensor<2x1x3xf32>, tensor<2x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>,
        f32, index
}
