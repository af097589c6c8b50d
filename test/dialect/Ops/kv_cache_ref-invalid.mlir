// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_no_symbol() {
  // expected-error @+1 {{(C1) expected a gemma.kv_cache named @kv.0}}
  %c = gemma.kv_cache_ref @kv.0
      : !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>
  return
}

// -----

gemma.kv_cache @kv.0
    : !gemma.kv_cache<heads = 2, head_dim = 16, element = bf16, window = 0>
func.func @c1_type() {
  // expected-error @+1 {{(C1) expected '!gemma.kv_cache<heads = 2, head_dim = 16, element = bf16, window = 0>' for @kv.0, found '!gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>'}}
  %c = gemma.kv_cache_ref @kv.0
      : !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>
  return
}
