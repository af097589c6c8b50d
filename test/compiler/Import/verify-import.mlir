// RUN: gemma-opt %s --split-input-file --verify-diagnostics --gemma-verify-import

// What phase import gives.
module attributes {
  gemma.checkpoint = "somewhere",
  gemma.model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64},
  gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
} {
  gemma.weight @embed_tokens : tensor<30x8xbf16> from #gemma.tensor<"model.safetensors", "model.embed_tokens.weight">
  func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>, %out_rows: tensor<?xi32>) -> tensor<?x30xf32> {
    %table = gemma.weight_ref @embed_tokens : tensor<30x8xbf16>
    %x = gemma.embed(%tokens, %table) {scale = 2.828125 : f64} : (tensor<?xi32>, tensor<30x8xbf16>) -> tensor<?x8xf32>
    %y = arith.addf %x, %x : tensor<?x8xf32>
    %logits = gemma.linear(%y, %table) : (tensor<?x8xf32>, tensor<30x8xbf16>) -> tensor<?x30xf32>
    return %logits : tensor<?x30xf32>
  }
}

// -----

// expected-error@below {{expected the attribute gemma.model after phase import, found none}}
module {
}

// -----

// expected-error@below {{expected the attribute gemma.options after phase import, found none}}
module attributes {
  gemma.model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
} {
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
// expected-error@below {{gemma.options: expected f32, f16, bf16, q8_0, q4_0 or stored for 'weights', found "q4_1"}}
module attributes {
  gemma.model = #model,
  gemma.options = {weights = "q4_1", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
} {
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
// expected-error@below {{gemma.options: expected a positive max_rows, found 0}}
module attributes {
  gemma.model = #model,
  gemma.options = {weights = "f32", max_rows = 0 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
} {
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
module attributes {gemma.model = #model, gemma.options = #options} {
  // expected-error@below {{expected gemma.checkpoint to say where the tensor's file is, found none}}
  gemma.weight @w : tensor<8xf32> from #gemma.tensor<"model.safetensors", "w">
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
// expected-error@below {{gemma.tokenizer: expected gemma.checkpoint to say where it is, found none}}
module attributes {gemma.model = #model, gemma.options = #options, gemma.tokenizer = {file = "tokenizer.model", sha256 = "00"}} {
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
module attributes {gemma.model = #model, gemma.options = #options} {
  // expected-error@below {{may not stand in a module after phase import}}
  module @kernels {
  }
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
// expected-error@below {{expected a function @forward}}
module attributes {gemma.model = #model, gemma.options = #options} {
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
module attributes {gemma.model = #model, gemma.options = #options} {
  gemma.weight @embed_tokens : tensor<31x8xf32>
  // expected-error@below {{expected logits for a vocabulary of 30, found 'tensor<?x31xf32>'}}
  func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>, %out_rows: tensor<?xi32>) -> tensor<?x31xf32> {
    %table = gemma.weight_ref @embed_tokens : tensor<31x8xf32>
    %x = gemma.embed(%tokens, %table) {scale = 2.828125 : f64} : (tensor<?xi32>, tensor<31x8xf32>) -> tensor<?x8xf32>
    %logits = gemma.linear(%x, %table) : (tensor<?x8xf32>, tensor<31x8xf32>) -> tensor<?x31xf32>
    return %logits : tensor<?x31xf32>
  }
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
module attributes {gemma.model = #model, gemma.options = #options} {
  func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>, %out_rows: tensor<?xi32>) -> tensor<?x30xf32> {
    // expected-error@below {{may not remain on tensors}}
    %n = arith.constant 3 : index
    %logits = tensor.empty(%n) : tensor<?x30xf32>
    return %logits : tensor<?x30xf32>
  }
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false, no_fuse = ["lm-head", "head"]}
// expected-error@below {{gemma.options: expected fusions in no_fuse, found "head"}}
module attributes {gemma.model = #model, gemma.options = #options} {
}

// -----

// Fusing is the next phase's.
#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
#options = {weights = "f32", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
module attributes {gemma.model = #model, gemma.options = #options} {
  gemma.weight @embed_tokens : tensor<30x8xf32>
  func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>, %out_rows: tensor<?xi32>) -> tensor<?x30xf32> {
    %table = gemma.weight_ref @embed_tokens : tensor<30x8xf32>
    %x = gemma.embed(%tokens, %table) {scale = 2.828125 : f64} : (tensor<?xi32>, tensor<30x8xf32>) -> tensor<?x8xf32>
    // expected-error@below {{may not remain after phase import: expected input ops}}
    %logits = gemma.lm_head x(%x) of(%out_rows) weight(%table) {epsilon = 1.0e-3 : f64} : (tensor<?x8xf32>, tensor<?xi32>, tensor<30x8xf32>) -> tensor<?x30xf32>
    return %logits : tensor<?x30xf32>
  }
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
// expected-error@below {{gemma.options: expected f32, f16, bf16, q8_0, q4_0 or stored for 'head_weights', found "q6"}}
module attributes {
  gemma.model = #model,
  gemma.options = {weights = "q4_0", head_weights = "q6", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
} {
}

// -----

#model = {family = "gemma", hidden = 8 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 4 : i64, ff = 12 : i64, vocab = 30 : i64, context = 64 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}
// expected-error@below {{gemma.options: expected mse or ggml for 'q4_0_rule', found "best"}}
module attributes {
  gemma.model = #model,
  gemma.options = {weights = "q4_0", q4_0_rule = "best", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false}
} {
}
