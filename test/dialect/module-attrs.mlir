// RUN: gemma-opt %s --split-input-file | gemma-opt --split-input-file | FileCheck %s

// CHECK: module attributes {gemma.checkpoint = "models/gemma", gemma.model = {add_bos = true, bos_token = 2 : i64, {{.*}}}, gemma.options = {{.*}}, gemma.tokenizer = {file = "tokenizer.model", sha256 = "00ff"}}
module attributes {
  gemma.checkpoint = "models/gemma",
  gemma.tokenizer = {file = "tokenizer.model", sha256 = "00ff"},
  gemma.model = {family = "gemma", hidden = 64 : i64, layers = 2 : i64,
    heads = 4 : i64, kv_heads = 1 : i64, head_dim = 16 : i64, ff = 128 : i64,
    vocab = 256 : i64, context = 8192 : i64, bos_token = 2 : i64,
    pad_token = -1 : i64, eos_tokens = array<i64: 1, 107>, add_bos = true,
    chat_format = "gemma", temperature = 1.0 : f64, top_k = 64 : i64,
    top_p = 0.95 : f64},
  gemma.options = {weights = "bf16", max_rows = 512 : i64,
    triple = "x86_64-unknown-linux-gnu", cpu = "znver4",
    features = ["avx512f"], stub = false}
} {}

// -----

// Fusions that are off.
// CHECK: module attributes {gemma.options = {{{.*}}no_fuse = ["norm-linear", "lm-head"]
module attributes {
  gemma.options = {weights = "bf16", max_rows = 512 : i64,
    triple = "x86_64-unknown-linux-gnu", cpu = "znver4",
    features = ["avx512f"], stub = false, no_fuse = ["norm-linear", "lm-head"]}
} {}

// -----

// A head of its own kind, and a rule for q4_0.
// CHECK: module attributes {gemma.options = {{{.*}}head_weights = "q8_0"{{.*}}q4_0_rule = "ggml"
module attributes {
  gemma.options = {weights = "q4_0", head_weights = "q8_0", q4_0_rule = "ggml",
    max_rows = 512 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "znver4",
    features = ["avx512f"], stub = false}
} {}
