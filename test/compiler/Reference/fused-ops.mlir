// Fused ops, the input ops that they stand for, and their forms with packed
// rows give the same numbers.
// RUN: gemma-opt %s --gemma-interpret -o /dev/null > %t.fused
// RUN: gemma-opt %s --gemma-decompose-fused --gemma-interpret -o /dev/null > %t.input
// RUN: gemma-opt %s --gemma-plan-encodings=weights=f32 --gemma-pack-matmul-inputs --gemma-fold-pack-rows -o %t.packed.mlir
// RUN: gemma-opt %t.packed.mlir --gemma-interpret -o /dev/null > %t.packed
// RUN: diff %t.fused %t.input
// RUN: diff %t.fused %t.packed
// RUN: FileCheck %s --check-prefix=NUMBERS < %t.fused
// RUN: FileCheck %s --check-prefix=PACKED < %t.packed.mlir

// NUMBERS-COUNT-4: {{.}}x{{[0-9]+}}xf32 {{\[\[}}{{-?[0-9.]*[1-9]}}
// NUMBERS-NOT: nan

// PACKED: gemma.linear_residual({{.*}} -> (tensor<2x8xf32>, tensor<2x8xf32>)
// PACKED: gemma.norm_geglu {{.*}} packed(
// PACKED: gemma.norm_linear {{.*}} packed(
// PACKED: gemma.lm_head {{.*}} packed(

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>

gemma.kv_cache @kv.0 : !cache
gemma.weight @norm : tensor<8xf32>
    from #gemma.random<seed = 1, bound = 0.5 : f64>
gemma.weight @q : tensor<64x8xf32>
    from #gemma.random<seed = 2, bound = 0.5 : f64>
gemma.weight @k : tensor<32x8xf32>
    from #gemma.random<seed = 3, bound = 0.5 : f64>
gemma.weight @v : tensor<32x8xf32>
    from #gemma.random<seed = 4, bound = 0.5 : f64>
gemma.weight @o : tensor<8x64xf32>
    from #gemma.random<seed = 5, bound = 0.5 : f64>
gemma.weight @gate : tensor<12x8xf32>
    from #gemma.random<seed = 6, bound = 0.5 : f64>
gemma.weight @up : tensor<12x8xf32>
    from #gemma.random<seed = 7, bound = 0.5 : f64>
gemma.weight @head : tensor<16x8xf32>
    from #gemma.random<seed = 8, bound = 0.5 : f64>

func.func @main() -> (tensor<2x8xf32>, tensor<2x12xf32>, tensor<2x32xf32>,
    tensor<3x16xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, -4.0, 0.5, 0.25, -1.0, 2.5],
      [-1.0, 0.5, 0.0, 1.0, 2.0, -3.0, 0.125, 1.0]]> : tensor<2x8xf32>
  %positions = arith.constant dense<[0, 1]> : tensor<2xi32>
  %slots = arith.constant dense<0> : tensor<2xi32>
  %picked = arith.constant dense<[1, 0, 1]> : tensor<3xi32>
  %n = gemma.weight_ref @norm : tensor<8xf32>
  %wq = gemma.weight_ref @q : tensor<64x8xf32>
  %wk = gemma.weight_ref @k : tensor<32x8xf32>
  %wv = gemma.weight_ref @v : tensor<32x8xf32>
  %wo = gemma.weight_ref @o : tensor<8x64xf32>
  %wg = gemma.weight_ref @gate : tensor<12x8xf32>
  %wu = gemma.weight_ref @up : tensor<12x8xf32>
  %wh = gemma.weight_ref @head : tensor<16x8xf32>
  %c = gemma.kv_cache_ref @kv.0 : !cache
  %q = gemma.norm_qkv x(%x) norm(%n) weights(%wq, %wk, %wv) cache(%c)
      at(%positions, %slots) {epsilon = 1.0e-3 : f64, unit_offset = true,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<2x8xf32>, tensor<8xf32>, tensor<64x8xf32>, tensor<32x8xf32>,
         tensor<32x8xf32>, !cache, tensor<2xi32>, tensor<2xi32>)
        -> tensor<2x64xf32>
  %a = gemma.rope_attention(%q, %c, %positions, %slots) {q_scale = 0.5 : f64,
      softcap = 3.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<2x64xf32>, !cache, tensor<2xi32>, tensor<2xi32>)
        -> tensor<2x64xf32>
  %x1 = gemma.linear_residual(%a, %wo) residual(%x)
      : (tensor<2x64xf32>, tensor<8x64xf32>, tensor<2x8xf32>) -> tensor<2x8xf32>
  %h = gemma.norm_geglu x(%x1) norm(%n) gate(%wg) up(%wu)
      {epsilon = 1.0e-3 : f64, unit_offset = true, gelu = #gemma.gelu<tanh>}
      : (tensor<2x8xf32>, tensor<8xf32>, tensor<12x8xf32>, tensor<12x8xf32>)
        -> tensor<2x12xf32>
  %y:2 = gemma.norm_linear x(%x1) norm(%n) weights(%wk, %wv)
      {epsilon = 1.0e-3 : f64}
      : (tensor<2x8xf32>, tensor<8xf32>, tensor<32x8xf32>, tensor<32x8xf32>)
        -> (tensor<2x32xf32>, tensor<2x32xf32>)
  %l = gemma.lm_head x(%x1) norm(%n) of(%picked) weight(%wh)
      {epsilon = 1.0e-3 : f64, unit_offset = true, cap = 1.5 : f64}
      : (tensor<2x8xf32>, tensor<8xf32>, tensor<3xi32>, tensor<16x8xf32>)
        -> tensor<3x16xf32>
  return %x1, %h, %y#1, %l : tensor<2x8xf32>, tensor<2x12xf32>,
      tensor<2x32xf32>, tensor<3x16xf32>
}
