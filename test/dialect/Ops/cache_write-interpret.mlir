// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// bf16 has 8 bits: 1 + 1/256 is a tie that goes to the even 1, 1 + 3/256 one
// that goes to 1 + 4/256. Position 0 of slot 0 is written twice.
// CHECK: 1x2xf32 {{\[\[}}1.01562, -5]]
// CHECK-NEXT: 1x2xf32 {{\[\[}}1, 3]]
!cache = !gemma.kv_cache<heads = 1, head_dim = 2, element = bf16, window = 0>

gemma.kv_cache @kv.0 : !cache

func.func @main() -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %cache = gemma.kv_cache_ref @kv.0 : !cache
  %k = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %v0 = arith.constant dense<[[1.01171875, -5.0]]> : tensor<1x2xf32>
  %v1 = arith.constant dense<[[1.00390625, 3.0]]> : tensor<1x2xf32>
  %zero = arith.constant dense<0> : tensor<1xi32>
  gemma.cache_write(%k, %v0, %cache, %zero, %zero)
      : (tensor<1x2xf32>, tensor<1x2xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> ()
  %before = gemma.attention(%k, %cache, %zero, %zero)
      {q_scale = 1.0 : f64, window = 0 : i64}
      : (tensor<1x2xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> tensor<1x2xf32>
  gemma.cache_write(%k, %v1, %cache, %zero, %zero)
      : (tensor<1x2xf32>, tensor<1x2xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> ()
  %after = gemma.attention(%k, %cache, %zero, %zero)
      {q_scale = 1.0 : f64, window = 0 : i64}
      : (tensor<1x2xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> tensor<1x2xf32>
  return %before, %after : tensor<1x2xf32>, tensor<1x2xf32>
}
