// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 2x4xf32 {{\[\[}}0.365148, 1.46059, 0.547723, 4.38178], [0, -2.4, 0, 4.8]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}0, 0.632456, -0.474342, 2.52982], [0, -1.01419, -0, 2.70449]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}0.288675, -2.3094, 0.416025, -2.2188], [0, 2.68328, 0, -2.74398]]
// CHECK-NEXT: 2x4xf32 {{\[\[}}0.365148, 0.730297, 1.09545, 1.46059], [0, -1.2, 0, 1.6]]
// CHECK-NEXT: 2x4xbf16 {{\[\[}}0.365234, 1.46094, 0.546875, 4.375], [0, -2.40625, 0, 4.8125]]
func.func @main() -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>,
                      tensor<2x4xf32>, tensor<2x4xbf16>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [0.0, -3.0, 0.0, 4.0]]>
      : tensor<2x4xf32>
  %w = arith.constant dense<[0.0, 1.0, -0.5, 2.0]>
      : tensor<4xf32>
  %head = arith.constant dense<[0.5, -2.0]>
      : tensor<2xf32>
  %unit_offset = gemma.rms_norm(%x, %w) {epsilon = 0.0 : f64,
      unit_offset = true} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %plain = gemma.rms_norm(%x, %w) {epsilon = 2.5 : f64}
      : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %per_head = gemma.rms_norm(%x, %head) {epsilon = 0.5 : f64,
      group_size = 2 : i64} : (tensor<2x4xf32>, tensor<2xf32>) -> tensor<2x4xf32>
  %no_weight = gemma.rms_norm(%x) {epsilon = 0.0 : f64}
      : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %rounded = gemma.rms_norm(%x, %w) {epsilon = 0.0 : f64, unit_offset = true}
      : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xbf16>
  return %unit_offset, %plain, %per_head, %no_weight, %rounded
      : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>,
        tensor<2x4xbf16>
}
