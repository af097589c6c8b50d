// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// The stream; the same packed by 1 + w and by w; with no weight.
// CHECK: 2x4xf32 {{\[\[}}1.74421, -0.255792, -2.47683, 2.24807], [0.5547, -0.3047, -2.6302, 2.4792]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}1.74421, -0.255792, -2.47683, 2.24807], [0.5547, -0.3047, -2.6302, 2.4792]]
// CHECK-NEXT: 2x4xbf16 {{\[\[}}2.60938, -0.511719, -1.85938, 2.25], [0.832031, -0.609375, -1.96875, 2.48438]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}0.872104, -0.255792, 0.619208, 0], [0.27735, -0.3047, 0.65755, 0]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}1.49614, -0.00772212, -0.988417, 2.24807], [0.3698, -0.4896, -2.8151, 2.4792]]
func.func @main() -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xbf16>,
    tensor<2x4xf32>, tensor<2x4xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, -3.0, 0.5], [0.5, -1.0, 0.25, 2.0]]> : tensor<2x4xf32>
  %w = arith.constant dense<[0.5, -0.25, 1.0, 0.0]> : tensor<4xf32>
  %r = arith.constant dense<[[1.0, -1.0, 0.5, 2.0], [0.0, 0.25, -3.0, 1.0]]> : tensor<2x4xf32>
  %n = arith.constant dense<[0.5, 1.0, -0.25, 0.0]> : tensor<4xf32>
  %0 = gemma.norm_residual(%x, %w) residual(%r)
      {epsilon = 0.5 : f64, unit_offset = true}
      : (tensor<2x4xf32>, tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %1, %2 = gemma.norm_residual(%x, %w) residual(%r) pack(%n)
      {epsilon = 0.5 : f64, unit_offset = true, pack_unit_offset = true,
      kind = #gemma.kind<bf16>}
      : (tensor<2x4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<4xf32>)
        -> (tensor<2x4xf32>, tensor<2x4xbf16>)
  %3, %4 = gemma.norm_residual(%x, %w) residual(%r) pack(%n)
      {epsilon = 0.5 : f64, unit_offset = true, kind = #gemma.kind<f16>}
      : (tensor<2x4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<4xf32>)
        -> (tensor<2x4xf32>, tensor<2x4xf32>)
  %5 = gemma.norm_residual(%x) residual(%r) {epsilon = 0.5 : f64}
      : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0, %1, %2, %4, %5 : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xbf16>,
      tensor<2x4xf32>, tensor<2x4xf32>
}
