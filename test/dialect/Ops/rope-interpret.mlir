// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 2x8xf32 {{\[\[}}-1.98411, 1.9599, 2.46238, 4.0198, -3.18879, 5.9197, 7.98947, 8.0596], [-0.0220966, -0.14112, -0.999756, -0.989992, 0.272036, -0.777236, 0.994232, -1.90942]]
// CHECK-NEXT: 2x8xf32 {{\[\[}}0.618173, 2, 3.10127, 4, 4.08827, 6, 7.56876, 8], [0.980243, 0, -0.197799, 1, -0.930793, 0.5, 0.442859, 2]]
// CHECK-NEXT: 2x8xf32 {{\[\[}}-3.66705, 1.39101, 2.92985, 3.992, 3.54298, 6.16969, 7.02965, 8.004], [-1.02185, 0.494016, -0.03528, 0.364296, -0.977659, 0.0771257, -0.247498, 2.20619]]
gemma.weight @rope.0 : tensor<258x2x4xf32>
    from #gemma.rope_table<base = 1.0e4 : f64, position_scale = 1.0 : f64,
                           head_dim = 8, rotated = 8, positions = 512>

func.func @main() -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [1.0, 0.0, 0.0, 1.0, -1.0, 0.5, 0.25, 2.0]]>
      : tensor<2x8xf32>
  %positions = arith.constant dense<[1, 300]>
      : tensor<2xi32>
  %two_heads = gemma.rope(%x, %positions) {head_dim = 4 : i64,
      rotated = 4 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<2x8xf32>, tensor<2xi32>) -> tensor<2x8xf32>
  %half_rotated = gemma.rope(%x, %positions) {head_dim = 4 : i64,
      rotated = 2 : i64, base = 1.0e2 : f64, position_scale = 8.0 : f64}
      : (tensor<2x8xf32>, tensor<2xi32>) -> tensor<2x8xf32>
  %table = gemma.weight_ref @rope.0 : tensor<258x2x4xf32>
  %with_table = gemma.rope(%x, %positions, %table) {head_dim = 8 : i64,
      rotated = 8 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<2x8xf32>, tensor<2xi32>, tensor<258x2x4xf32>)
        -> tensor<2x8xf32>
  return %two_heads, %half_rotated, %with_table
      : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>
}
