// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --canonicalize --cse | FileCheck %s

// A whole decoder of one layer. All ops do something: nothing is removed.

!cache = !gemma.kv_cache<heads = 1, head_dim = 4, element = f32, window = 0>

gemma.weight @embed_tokens : tensor<32x8xf32>
gemma.weight @norm : tensor<8xf32>
gemma.weight @layers.0.input_norm : tensor<8xf32>
gemma.weight @layers.0.q_proj : tensor<8x8xf32>
gemma.weight @layers.0.k_proj : tensor<4x8xf32>
gemma.weight @layers.0.v_proj : tensor<4x8xf32>
gemma.weight @layers.0.o_proj : tensor<8x8xf32>
gemma.weight @layers.0.post_attention_norm : tensor<8xf32>
gemma.weight @layers.0.gate_proj : tensor<16x8xf32>
gemma.weight @layers.0.up_proj : tensor<16x8xf32>
gemma.weight @layers.0.down_proj : tensor<8x16xf32>
gemma.kv_cache @kv.0 : !cache

// CHECK-LABEL: @forward
// CHECK-SAME: (%[[TOKENS:.*]]: tensor<?xi32>, %[[POSITIONS:.*]]: tensor<?xi32>, %[[SLOTS:.*]]: tensor<?xi32>, %[[OUT_ROWS:.*]]: tensor<?xi32>)
func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>,
                   %slots: tensor<?xi32>, %out_rows: tensor<?xi32>)
    -> tensor<?x32xf32> {
  // CHECK: %[[TABLE:.*]] = gemma.weight_ref @embed_tokens
  // CHECK: %[[X:.*]] = gemma.embed(%[[TOKENS]], %[[TABLE]])
  %table = gemma.weight_ref @embed_tokens : tensor<32x8xf32>
  %x = gemma.embed(%tokens, %table) {scale = 2.828125 : f64}
      : (tensor<?xi32>, tensor<32x8xf32>) -> tensor<?x8xf32>

  // CHECK: gemma.rms_norm(%[[X]],
  %w0 = gemma.weight_ref @layers.0.input_norm : tensor<8xf32>
  %h = gemma.rms_norm(%x, %w0) {epsilon = 1.0e-6 : f64, unit_offset = true}
      : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %w1 = gemma.weight_ref @layers.0.q_proj : tensor<8x8xf32>
  %q = gemma.linear(%h, %w1)
      : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  %w2 = gemma.weight_ref @layers.0.k_proj : tensor<4x8xf32>
  %k = gemma.linear(%h, %w2)
      : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  %w3 = gemma.weight_ref @layers.0.v_proj : tensor<4x8xf32>
  // CHECK: %[[V:.*]] = gemma.linear({{.*}}) : (tensor<?x8xf32>, tensor<4x8xf32>)
  // CHECK: %[[Q:.*]] = gemma.rope(%{{.*}}, %[[POSITIONS]]) {{.*}} : (tensor<?x8xf32>
  // CHECK: %[[K:.*]] = gemma.rope(%{{.*}}, %[[POSITIONS]]) {{.*}} : (tensor<?x4xf32>
  %v = gemma.linear(%h, %w3)
      : (tensor<?x8xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  %q_rope = gemma.rope(%q, %positions) {head_dim = 4 : i64, rotated = 4 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %k_rope = gemma.rope(%k, %positions) {head_dim = 4 : i64, rotated = 4 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<?x4xf32>, tensor<?xi32>) -> tensor<?x4xf32>

  // CHECK: %[[CACHE:.*]] = gemma.kv_cache_ref @kv.0
  // CHECK: gemma.cache_write(%[[K]], %{{.*}}, %[[CACHE]], %[[POSITIONS]], %[[SLOTS]])
  // CHECK: gemma.attention(%[[Q]], %[[CACHE]], %[[POSITIONS]], %[[SLOTS]])
  %cache = gemma.kv_cache_ref @kv.0 : !cache
  gemma.cache_write(%k_rope, %v, %cache, %positions, %slots)
      : (tensor<?x4xf32>, tensor<?x4xf32>, !cache, tensor<?xi32>,
         tensor<?xi32>) -> ()
  %a = gemma.attention(%q_rope, %cache, %positions, %slots)
      {q_scale = 0.5 : f64, window = 0 : i64}
      : (tensor<?x8xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x8xf32>
  %w4 = gemma.weight_ref @layers.0.o_proj : tensor<8x8xf32>
  %o = gemma.linear(%a, %w4)
      : (tensor<?x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  // CHECK: %[[X1:.*]] = arith.addf %[[X]], %{{.*}} : tensor<?x8xf32>
  %x1 = arith.addf %x, %o : tensor<?x8xf32>

  %w5 = gemma.weight_ref @layers.0.post_attention_norm : tensor<8xf32>
  %h1 = gemma.rms_norm(%x1, %w5) {epsilon = 1.0e-6 : f64, unit_offset = true}
      : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  %w6 = gemma.weight_ref @layers.0.gate_proj : tensor<16x8xf32>
  %gate = gemma.linear(%h1, %w6)
      : (tensor<?x8xf32>, tensor<16x8xf32>) -> tensor<?x16xf32>
  %w7 = gemma.weight_ref @layers.0.up_proj : tensor<16x8xf32>
  %up = gemma.linear(%h1, %w7)
      : (tensor<?x8xf32>, tensor<16x8xf32>) -> tensor<?x16xf32>
  // CHECK: gemma.geglu
  %g = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<tanh>}
      : (tensor<?x16xf32>, tensor<?x16xf32>) -> tensor<?x16xf32>
  %w8 = gemma.weight_ref @layers.0.down_proj : tensor<8x16xf32>
  %d = gemma.linear(%g, %w8)
      : (tensor<?x16xf32>, tensor<8x16xf32>) -> tensor<?x8xf32>
  // CHECK: %[[X2:.*]] = arith.addf %[[X1]], %{{.*}} : tensor<?x8xf32>
  %x2 = arith.addf %x1, %d : tensor<?x8xf32>

  // CHECK: gemma.select_rows(%[[X2]], %[[OUT_ROWS]])
  %last = gemma.select_rows(%x2, %out_rows)
      : (tensor<?x8xf32>, tensor<?xi32>) -> tensor<?x8xf32>
  %w9 = gemma.weight_ref @norm : tensor<8xf32>
  %n = gemma.rms_norm(%last, %w9) {epsilon = 1.0e-6 : f64, unit_offset = true}
      : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  // CHECK: gemma.linear(%{{.*}}, %[[TABLE]])
  %logits = gemma.linear(%n, %table)
      : (tensor<?x8xf32>, tensor<32x8xf32>) -> tensor<?x32xf32>
  // CHECK: gemma.softcap
  %capped = gemma.softcap(%logits) {cap = 30.0 : f64}
      : (tensor<?x32xf32>) -> tensor<?x32xf32>
  return %capped : tensor<?x32xf32>
}
