// RUN: gemma-opt %s --gemma-import-pipeline | FileCheck %s
// RUN: not gemma-opt --gemma-import-pipeline /dev/null 2>&1 | FileCheck %s --check-prefix=EMPTY

// The pipeline of phase import changes nothing; it ends in the verifier.
// EMPTY: expected the attribute gemma.model after phase import, found none

// CHECK: module attributes
// CHECK: gemma.weight @embed_tokens : tensor<30x8xf32> from #gemma.random<seed = 1, bound = 5.000000e-01
// CHECK: func.func @forward
// CHECK: gemma.embed
// CHECK: gemma.linear
module attributes {
  gemma.model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64},
  gemma.options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
} {
  gemma.weight @embed_tokens : tensor<30x8xf32> from #gemma.random<seed = 1, bound = 0.5>
  func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>, %out_rows: tensor<?xi32>) -> tensor<?x30xf32> {
    %table = gemma.weight_ref @embed_tokens : tensor<30x8xf32>
    %x = gemma.embed(%tokens, %table) {scale = 2.828125 : f64} : (tensor<?xi32>, tensor<30x8xf32>) -> tensor<?x8xf32>
    %logits = gemma.linear(%x, %table) : (tensor<?x8xf32>, tensor<30x8xf32>) -> tensor<?x30xf32>
    return %logits : tensor<?x30xf32>
  }
}
