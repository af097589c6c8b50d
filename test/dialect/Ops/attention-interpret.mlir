// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 4x8xf32 {{\[\[}}0, -1.25, 0, -1.25, -0.75, -0.5, -0.75, -0.5], [-0.635976, 0.233944, -0.102456, -1.01094, -0.351593, -0.5, -0.167025, -0.5], [-0.0960301, -0.218966, -0.300121, -0.149562, -1.03917, -0.370698, -0.878765, -0.398488], [-1, -0.25, -1, -0.25, -1.25, 0, -1.25, 0]]
// CHECK-NEXT: 4x8xf32 {{\[\[}}0, -1.25, 0, -1.25, -0.75, -0.5, -0.75, -0.5], [-0.635976, 0.233944, -0.102456, -1.01094, -0.351593, -0.5, -0.167025, -0.5], [-0.173729, 0.615254, -0.491382, 0.551724, -1.10211, -0.342556, -0.915986, -0.369145], [-1, -0.25, -1, -0.25, -1.25, 0, -1.25, 0]]
// CHECK-NEXT: 4x8xf32 {{\[\[}}0, -1.25, 0, -1.25, -0.75, -0.5, -0.75, -0.5], [-0.712131, 0.411638, -0.0400575, -1.15653, -0.302444, -0.5, -0.045017, -0.5], [-0.0711702, -0.740119, -0.384628, -0.253099, -1.16352, -0.339308, -0.924667, -0.376434], [-1, -0.25, -1, -0.25, -1.25, 0, -1.25, 0]]
!cache = !gemma.kv_cache<heads = 2, head_dim = 2, element = f32, window = 0>

gemma.kv_cache @kv.0 : !cache

// Three rows of slot 0, one of slot 1; four query heads share two heads.
func.func @main() -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %q = arith.constant dense<[[-0.0, -0.25, -1.0, -0.5, -1.0, -1.25, 0.25, -1.0], [1.25, 0.75, -2.0, 0.25, -1.0, 0.0, 0.0, -2.0], [-0.25, -0.25, 1.0, -1.25, 0.75, -1.0, -0.25, -0.75], [1.5, 0.5, 2.5, 0.75, 0.75, 0.75, -0.5, -0.0]]>
      : tensor<4x8xf32>
  %k = arith.constant dense<[[-0.75, -1.25, -0.25, 0.5], [1.25, 0.0, -0.5, -0.75], [0.75, 1.75, 0.25, -1.25], [-1.0, 1.5, 0.25, -1.75]]>
      : tensor<4x4xf32>
  %v = arith.constant dense<[[-0.0, -1.25, -0.75, -0.5], [-0.75, 0.5, -0.0, -0.5], [0.5, 0.75, -1.75, -0.25], [-1.0, -0.25, -1.25, 0.0]]>
      : tensor<4x4xf32>
  %positions = arith.constant dense<[0, 1, 2, 0]>
      : tensor<4xi32>
  %slots = arith.constant dense<[0, 0, 0, 1]>
      : tensor<4xi32>
  %cache = gemma.kv_cache_ref @kv.0 : !cache
  gemma.cache_write(%k, %v, %cache, %positions, %slots)
      : (tensor<4x4xf32>, tensor<4x4xf32>, !cache, tensor<4xi32>,
         tensor<4xi32>) -> ()
  %causal = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.5 : f64, window = 0 : i64}
      : (tensor<4x8xf32>, !cache, tensor<4xi32>, tensor<4xi32>)
        -> tensor<4x8xf32>
  %window = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.5 : f64, window = 2 : i64}
      : (tensor<4x8xf32>, !cache, tensor<4xi32>, tensor<4xi32>)
        -> tensor<4x8xf32>
  %softcap = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 2.0 : f64, softcap = 1.5 : f64, window = 0 : i64}
      : (tensor<4x8xf32>, !cache, tensor<4xi32>, tensor<4xi32>)
        -> tensor<4x8xf32>
  return %causal, %window, %softcap
      : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}
