// RUN: gemma-opt %s --split-input-file --verify-diagnostics

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c1_columns(%k: tensor<?x16xf32>, %v: tensor<?x32xf32>,
    %cache: !cache, %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected f32 rows of 16 columns, found 'tensor<?x32xf32>'}}
  gemma.cache_write(%k, %v, %cache, %positions, %slots)
      : (tensor<?x16xf32>, tensor<?x32xf32>, !cache, tensor<?xi32>,
         tensor<?xi32>) -> ()
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c1_element(%k: tensor<?x16xbf16>, %v: tensor<?x16xf32>,
    %cache: !cache, %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected f32 rows of 16 columns, found 'tensor<?x16xbf16>'}}
  gemma.cache_write(%k, %v, %cache, %positions, %slots)
      : (tensor<?x16xbf16>, tensor<?x16xf32>, !cache, tensor<?xi32>,
         tensor<?xi32>) -> ()
  return
}
