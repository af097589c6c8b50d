// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// Integers of a cache have a scale per head, 2 / 127 and 1 / 127. One key alone
// gives its value.
// CHECK: 1x4xf32 {{\[\[}}0.299213, 2, 0.299213, 1]]
!cache = !gemma.kv_cache<heads = 2, head_dim = 2, element = i8, window = 0>
gemma.kv_cache @kv.0 : !cache
func.func @main() -> tensor<1x4xf32> {
  %x = arith.constant dense<[[0.3, 2.0, 0.3, 1.0]]> : tensor<1x4xf32>
  %p = arith.constant dense<0> : tensor<1xi32>
  %c = gemma.kv_cache_ref @kv.0 : !cache
  gemma.cache_write(%x, %x, %c, %p, %p)
      : (tensor<1x4xf32>, tensor<1x4xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> ()
  %o = gemma.attention(%x, %c, %p, %p) {q_scale = 0.5 : f64, window = 0 : i64}
      : (tensor<1x4xf32>, !cache, tensor<1xi32>, tensor<1xi32>)
        -> tensor<1x4xf32>
  return %o : tensor<1x4xf32>
}
