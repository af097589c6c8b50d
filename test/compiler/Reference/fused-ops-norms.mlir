// Norms of q and k in fused ops, and post norms: the same numbers as the input
// ops that they stand for, and as the forms with packed rows.
// RUN: gemma-opt %s --gemma-interpret -o /dev/null > %t.fused
// RUN: gemma-opt %s --gemma-decompose-fused --gemma-interpret -o /dev/null > %t.input
// RUN: gemma-opt %s --gemma-plan-encodings=weights=f32 --gemma-pack-matmul-inputs --gemma-fold-pack-rows -o %t.packed.mlir
// RUN: gemma-opt %t.packed.mlir --gemma-interpret -o /dev/null > %t.packed
// RUN: diff %t.fused %t.input
// RUN: diff %t.fused %t.packed
// RUN: FileCheck %s --check-prefix=NUMBERS < %t.fused
// RUN: FileCheck %s --check-prefix=PACKED < %t.packed.mlir

// NUMBERS-COUNT-3: {{.}}x{{[0-9]+}}xf32 {{\[\[}}{{-?[0-9.]*[1-9]}}
// NUMBERS-NOT: nan

// PACKED: gemma.norm_residual({{.*}} -> (tensor<2x8xf32>, tensor<2x8xf32>)
// PACKED: gemma.norm_geglu {{.*}} packed(

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 1>

gemma.kv_cache @kv.0 : !cache
gemma.weight @norm : tensor<8xf32>
    from #gemma.random<seed = 1, bound = 0.5 : f64>
gemma.weight @q : tensor<64x8xf32>
    from #gemma.random<seed = 2, bound = 0.5 : f64>
gemma.weight @k : tensor<32x8xf32>
    from #gemma.random<seed = 3, bound = 0.5 : f64>
gemma.weight @v : tensor<32x8xf32>
    from #gemma.random<seed = 4, bound = 0.5 : f64>
gemma.weight @q_norm : tensor<32xf32>
    from #gemma.random<seed = 5, bound = 0.5 : f64>
gemma.weight @k_norm : tensor<32xf32>
    from #gemma.random<seed = 6, bound = 0.5 : f64>
gemma.weight @o : tensor<8x64xf32>
    from #gemma.random<seed = 7, bound = 0.5 : f64>
gemma.weight @gate : tensor<12x8xf32>
    from #gemma.random<seed = 8, bound = 0.5 : f64>

func.func @main() -> (tensor<2x64xf32>, tensor<2x8xf32>, tensor<2x12xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, -3.0, 0.5, 0.25, -1.0, 4.0, 0.0],
      [0.5, -1.0, 0.25, 2.0, 1.0, 0.0, -2.0, 1.5]]> : tensor<2x8xf32>
  %p = arith.constant dense<[3, 4]> : tensor<2xi32>
  %s = arith.constant dense<[0, 0]> : tensor<2xi32>
  %n = gemma.weight_ref @norm : tensor<8xf32>
  %wq = gemma.weight_ref @q : tensor<64x8xf32>
  %wk = gemma.weight_ref @k : tensor<32x8xf32>
  %wv = gemma.weight_ref @v : tensor<32x8xf32>
  %qn = gemma.weight_ref @q_norm : tensor<32xf32>
  %kn = gemma.weight_ref @k_norm : tensor<32xf32>
  %wo = gemma.weight_ref @o : tensor<8x64xf32>
  %g = gemma.weight_ref @gate : tensor<12x8xf32>
  %c = gemma.kv_cache_ref @kv.0 : !cache
  %q = gemma.norm_qkv x(%x) norm(%n) weights(%wq, %wk, %wv) cache(%c)
      at(%p, %s) k_norm(%kn) {epsilon = 0.25 : f64, unit_offset = true,
      base = 1.0e4 : f64, position_scale = 2.0 : f64, k_epsilon = 0.5 : f64,
      k_unit_offset = true}
      : (tensor<2x8xf32>, tensor<8xf32>, tensor<64x8xf32>, tensor<32x8xf32>,
         tensor<32x8xf32>, !cache, tensor<2xi32>, tensor<2xi32>,
         tensor<32xf32>) -> tensor<2x64xf32>
  %a = gemma.rope_attention(%q, %c, %p, %s) q_norm(%qn) {q_scale = 0.25 : f64,
      window = 1 : i64, base = 1.0e4 : f64, position_scale = 2.0 : f64,
      q_epsilon = 0.125 : f64}
      : (tensor<2x64xf32>, !cache, tensor<2xi32>, tensor<2xi32>,
         tensor<32xf32>) -> tensor<2x64xf32>
  %o = gemma.linear(%a, %wo)
      : (tensor<2x64xf32>, tensor<8x64xf32>) -> tensor<2x8xf32>
  %y = gemma.norm_residual(%o, %n) residual(%x)
      {epsilon = 0.5 : f64, unit_offset = true}
      : (tensor<2x8xf32>, tensor<8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %h = gemma.norm_geglu x(%y) norm(%n) gate(%g) up(%g)
      {epsilon = 0.5 : f64, gelu = #gemma.gelu<tanh>}
      : (tensor<2x8xf32>, tensor<8xf32>, tensor<12x8xf32>, tensor<12x8xf32>)
        -> tensor<2x12xf32>
  return %a, %y, %h : tensor<2x64xf32>, tensor<2x8xf32>, tensor<2x12xf32>
}
