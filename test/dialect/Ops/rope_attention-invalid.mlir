// RUN: gemma-opt %s --split-input-file --verify-diagnostics

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_q(%q: tensor<?x64xbf16>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected f32 rows of 64 columns for q, found 'tensor<?x64xbf16>'}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xbf16>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_columns(%q: tensor<?x48xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected a multiple of 32 columns for q, found 48}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x48xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x48xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_result(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected 'tensor<?x64xf32>' for the result, found 'tensor<?x32xf32>'}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x32xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_unpacked(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected 'tensor<?x80xi8>' for the result, found 'tensor<?x64xf32>'}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64, kind = #gemma.kind<q8_0>}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_packed(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected 'tensor<?x64xf32>' for the result, found 'tensor<?x80xi8>'}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x80xi8>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c2_scale(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected a positive q_scale, found 0.000000e+00 : f64}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.0 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c2_softcap(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected a positive softcap, found -1.000000e+00 : f64}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = -1.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 4>
func.func @c2_window(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected a window from 1 to the cache's 4, found 8}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 8 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = f32, window = 0>
func.func @c3(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x8xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C3) expected a head_dim that is a multiple of 32, found 16}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x8xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c4_base(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<258x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected a positive base and position_scale}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 0.0 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<258x2x16xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c4_table(%q: tensor<?x64xf32>, %c: !cache, %t: tensor<256x2x16xf32>,
    %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected a table [more than 256, 2, 16], found 'tensor<256x2x16xf32>'}}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<256x2x16xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c5(%q: tensor<?x64xf32>, %c: !cache, %p: tensor<?xi32>,
    %s: tensor<?xi32>) {
  // expected-error @+1 {{(C5) expected partials to combine}}
  %0 = gemma.rope_attention(%q, %c, %p, %s) {q_scale = 0.25 : f64,
      window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64, combine}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c6_weight(%q: tensor<?x64xf32>, %c: !cache, %p: tensor<?xi32>,
    %s: tensor<?xi32>, %n: tensor<64xf32>) {
  // expected-error @+1 {{(C6) expected a vector of 32 elements for q_norm, found 'tensor<64xf32>'}}
  %0 = gemma.rope_attention(%q, %c, %p, %s) q_norm(%n)
      {q_scale = 0.25 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64, q_epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<64xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c6_no_epsilon(%q: tensor<?x64xf32>, %c: !cache, %p: tensor<?xi32>,
    %s: tensor<?xi32>, %n: tensor<32xf32>) {
  // expected-error @+1 {{(C6) expected an epsilon with q_norm}}
  %0 = gemma.rope_attention(%q, %c, %p, %s) q_norm(%n)
      {q_scale = 0.25 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<32xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c6_epsilon(%q: tensor<?x64xf32>, %c: !cache, %p: tensor<?xi32>,
    %s: tensor<?xi32>, %n: tensor<32xf32>) {
  // expected-error @+1 {{(C6) expected an epsilon of 0 or more for q_norm, found -1.000000e-03}}
  %0 = gemma.rope_attention(%q, %c, %p, %s) q_norm(%n)
      {q_scale = 0.25 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64, q_epsilon = -1.0e-3 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<32xf32>)
        -> tensor<?x64xf32>
  return
}
