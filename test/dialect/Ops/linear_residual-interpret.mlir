// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 2x4xf32 {{\[\[}}2, -1, -12.5, 5], [0.5, 0, -3.5, 0.75]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}2, -1, -12.5, 5], [0.5, 0, -3.5, 0.75]]
// CHECK-NEXT: 2x4xbf16 {{\[\[}}3, -2, -9.375, 5], [0.75, 0, -2.625, 0.75]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}1, -1, 3.125, 0], [0.25, 0, 0.875, 0]]
func.func @main() -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xbf16>,
    tensor<2x4xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, -3.0], [0.5, -1.0, 0.25]]>
      : tensor<2x3xf32>
  %w = arith.constant dense<[[1.0, 0.0, 0.0], [1.0, 1.0, 1.0], [-2.0, 0.5, 4.0], [0.0, 0.0, -1.0]]>
      : tensor<4x3xf32>
  %r = arith.constant dense<[[1.0, -1.0, 0.5, 2.0], [0.0, 0.25, -3.0, 1.0]]>
      : tensor<2x4xf32>
  %n = arith.constant dense<[0.5, 1.0, -0.25, 0.0]>
      : tensor<4xf32>
  %0 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %1, %2 = gemma.linear_residual(%x, %w) residual(%r) norm(%n)
      {kind = #gemma.kind<bf16>, unit_offset = true}
      : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<2x4xf32>, tensor<4xf32>)
        -> (tensor<2x4xf32>, tensor<2x4xbf16>)
  %3, %4 = gemma.linear_residual(%x, %w) residual(%r) norm(%n)
      {kind = #gemma.kind<f16>}
      : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<2x4xf32>, tensor<4xf32>)
        -> (tensor<2x4xf32>, tensor<2x4xf32>)
  return %0, %1, %2, %4 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xbf16>,
      tensor<2x4xf32>
}
