// RUN: gemma-opt %s --split-input-file --verify-diagnostics

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c1_shape(%q: tensor<?x64xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected the result's shape for q, 'tensor<?x32xf32>', found 'tensor<?x64xf32>'}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, window = 0 : i64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x32xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c1_element(%q: tensor<?x64xbf16>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected f32 for q, found 'tensor<?x64xbf16>'}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, window = 0 : i64}
      : (tensor<?x64xbf16>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c2(%q: tensor<?x24xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected a multiple of 16 columns for q, found 24}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, window = 0 : i64}
      : (tensor<?x24xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x24xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c3_scale(%q: tensor<?x64xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C3) expected a positive q_scale, found 0.000000e+00}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.0 : f64, window = 0 : i64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c3_softcap(%q: tensor<?x64xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C3) expected a positive softcap, found -5.000000e+01}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, softcap = -50.0 : f64, window = 0 : i64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c4_negative(%q: tensor<?x64xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected a window of 0 or more, found -1}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, window = -1 : i64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 32>

func.func @c4_too_wide(%q: tensor<?x64xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected a window from 1 to the cache's 32, found 33}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, window = 33 : i64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 32>

func.func @c4_all_keys(%q: tensor<?x64xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected a window from 1 to the cache's 32, found 0}}
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, window = 0 : i64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

func.func @c5_combine(%q: memref<4x64xf32>, %cache: !cache,
    %positions: memref<4xi32>, %slots: memref<4xi32>, %rows: index) {
  // expected-error @+1 {{(C5) expected partials to combine}}
  gemma.attention(%q, %cache, %positions, %slots) into(%q) rows(%rows)
      {combine, q_scale = 0.25 : f64, window = 0 : i64}
      : (memref<4x64xf32>, !cache, memref<4xi32>, memref<4xi32>, memref<4x64xf32>, index) -> ()
  return
}
