// RUN: gemma-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{gemma.modle: expected gemma.checkpoint, gemma.tokenizer, gemma.model or gemma.options}}
module attributes {gemma.modle = {}} {}

// -----

// expected-error @+1 {{gemma.checkpoint: expected on a module, found on func.func}}
func.func private @f() attributes {gemma.checkpoint = "models/gemma"}

// -----

// expected-error @+1 {{gemma.checkpoint: expected a string, found 1 : i64}}
module attributes {gemma.checkpoint = 1 : i64} {}

// -----

// expected-error @+1 {{gemma.tokenizer: expected a dictionary, found "tokenizer.model"}}
module attributes {gemma.tokenizer = "tokenizer.model"} {}

// -----

// expected-error @+1 {{gemma.tokenizer: expected the key 'sha256', found none}}
module attributes {gemma.tokenizer = {file = "tokenizer.model"}} {}

// -----

// expected-error @+1 {{gemma.tokenizer: expected a string for 'file', found 1 : i64}}
module attributes {gemma.tokenizer = {file = 1 : i64, sha256 = "00ff"}} {}

// -----

// expected-error @+1 {{gemma.tokenizer: expected no key "size" (unknown)}}
module attributes {gemma.tokenizer = {file = "t", sha256 = "00ff", size = 1 : i64}} {}

// -----

// expected-error @+1 {{gemma.options: expected an i64 for 'max_rows', found 512 : i32}}
module attributes {gemma.options = {weights = "bf16", max_rows = 512 : i32,
    triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = [], stub = false}} {}

// -----

// expected-error @+1 {{gemma.options: expected an array of strings for 'features', found [1]}}
module attributes {gemma.options = {weights = "bf16", max_rows = 512 : i64,
    triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = [1], stub = false}} {}

// -----

// expected-error @+1 {{gemma.options: expected a bool for 'stub', found 0 : i64}}
module attributes {gemma.options = {weights = "bf16", max_rows = 512 : i64,
    triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = [], stub = 0 : i64}} {}

// -----

// expected-error @+1 {{gemma.model: expected an array of i64 for 'eos_tokens', found [1]}}
module attributes {gemma.model = {family = "gemma", hidden = 64 : i64, layers = 2 : i64,
    heads = 4 : i64, kv_heads = 1 : i64, head_dim = 16 : i64, ff = 128 : i64,
    vocab = 256 : i64, context = 8192 : i64, bos_token = 2 : i64,
    pad_token = -1 : i64, eos_tokens = [1], add_bos = true,
    chat_format = "", temperature = 1.0 : f64, top_k = 64 : i64, top_p = 0.95 : f64}} {}

// -----

// expected-error @+1 {{gemma.model: expected an f64 for 'temperature', found 1 : i64}}
module attributes {gemma.model = {family = "gemma", hidden = 64 : i64, layers = 2 : i64,
    heads = 4 : i64, kv_heads = 1 : i64, head_dim = 16 : i64, ff = 128 : i64,
    vocab = 256 : i64, context = 8192 : i64, bos_token = 2 : i64,
    pad_token = -1 : i64, eos_tokens = array<i64>, add_bos = true,
    chat_format = "", temperature = 1 : i64, top_k = 64 : i64, top_p = 0.95 : f64}} {}

// -----

// expected-error @+1 {{gemma.options: expected an array of strings for 'no_fuse', found "all"}}
module attributes {gemma.options = {weights = "bf16", max_rows = 512 : i64,
    triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = [], stub = false,
    no_fuse = "all"}} {}
