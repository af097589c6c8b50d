// RUN: gemma-opt %s --split-input-file --verify-diagnostics

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_q(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %q: tensor<48x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x64xf32>, %c: !cache,
    %t: tensor<258x2x16xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected a 64x64 matrix for wq, found 'tensor<48x64xf32>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<48x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_k(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<16x64xf32>, %v: tensor<32x64xf32>, %c: !cache,
    %t: tensor<258x2x16xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected a 32x64 matrix for wk, found 'tensor<16x64xf32>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<16x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c1_v(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x48xf32>, %c: !cache,
    %t: tensor<258x2x16xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected a 32x64 matrix for wv, found 'tensor<32x48xf32>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x48xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c2_x(%x: tensor<?x64xbf16>, %n: tensor<64xf32>,
    %q: tensor<64x64xf32>, %k: tensor<32x64xf32>, %v: tensor<32x64xf32>,
    %c: !cache, %t: tensor<258x2x16xf32>, %p: tensor<?xi32>,
    %s: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 64 columns for x, found 'tensor<?x64xbf16>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xbf16>, tensor<64xf32>, tensor<64x64xf32>,
         tensor<32x64xf32>, tensor<32x64xf32>, !cache, tensor<?xi32>,
         tensor<?xi32>, tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c2_result(%x: tensor<?x64xf32>, %n: tensor<64xf32>,
    %q: tensor<64x64xf32>, %k: tensor<32x64xf32>, %v: tensor<32x64xf32>,
    %c: !cache, %t: tensor<258x2x16xf32>, %p: tensor<?xi32>,
    %s: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 64 columns for the result, found 'tensor<?x64xbf16>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xbf16>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c3(%x: tensor<?x64xf32>, %n: tensor<32xf32>, %q: tensor<64x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x64xf32>, %c: !cache,
    %t: tensor<258x2x16xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C3) expected a vector of 64 elements for the norm's weight, found 'tensor<32xf32>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<32xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c4(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x64xf32>, %c: !cache,
    %t: tensor<258x2x16xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected an epsilon of 0 or more, found -1}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = -1.0 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c5(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x64xbf16>, %c: !cache,
    %t: tensor<258x2x16xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C5) expected weights of one form, found 'tensor<64x64xf32>', 'tensor<32x64xf32>' and 'tensor<32x64xbf16>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xbf16>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = f32, window = 0>
func.func @c6(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<16x64xf32>, %v: tensor<16x64xf32>, %c: !cache,
    %t: tensor<258x2x16xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C6) expected a head_dim that is a multiple of 32, found 16}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<16x64xf32>,
         tensor<16x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c7_base(%x: tensor<?x64xf32>, %n: tensor<64xf32>,
    %q: tensor<64x64xf32>, %k: tensor<32x64xf32>, %v: tensor<32x64xf32>,
    %c: !cache, %t: tensor<258x2x16xf32>, %p: tensor<?xi32>,
    %s: tensor<?xi32>) {
  // expected-error @+1 {{(C7) expected a positive base and position_scale}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 0.0 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c7_scale(%x: tensor<?x64xf32>, %n: tensor<64xf32>,
    %q: tensor<64x64xf32>, %k: tensor<32x64xf32>, %v: tensor<32x64xf32>,
    %c: !cache, %t: tensor<258x2x16xf32>, %p: tensor<?xi32>,
    %s: tensor<?xi32>) {
  // expected-error @+1 {{(C7) expected a positive base and position_scale}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = -1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x16xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c7_table(%x: tensor<?x64xf32>, %n: tensor<64xf32>,
    %q: tensor<64x64xf32>, %k: tensor<32x64xf32>, %v: tensor<32x64xf32>,
    %c: !cache, %t: tensor<258x2x8xf32>, %p: tensor<?xi32>, %s: tensor<?xi32>) {
  // expected-error @+1 {{(C7) expected a table [more than 256, 2, 16], found 'tensor<258x2x8xf32>'}}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>,
         tensor<258x2x8xf32>) -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c8_weight(%x: tensor<?x64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x64xf32>, %c: !cache,
    %p: tensor<?xi32>, %s: tensor<?xi32>, %n: tensor<64xf32>) {
  // expected-error @+1 {{(C8) expected a vector of 32 elements for k_norm, found 'tensor<64xf32>'}}
  %0 = gemma.norm_qkv x(%x) weights(%q, %k, %v) cache(%c) at(%p, %s)
      k_norm(%n) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64, k_epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<64xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c8_no_epsilon(%x: tensor<?x64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x64xf32>, %c: !cache,
    %p: tensor<?xi32>, %s: tensor<?xi32>, %n: tensor<32xf32>) {
  // expected-error @+1 {{(C8) expected an epsilon with k_norm}}
  %0 = gemma.norm_qkv x(%x) weights(%q, %k, %v) cache(%c) at(%p, %s)
      k_norm(%n) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<32xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @c8_epsilon(%x: tensor<?x64xf32>, %q: tensor<64x64xf32>,
    %k: tensor<32x64xf32>, %v: tensor<32x64xf32>, %c: !cache,
    %p: tensor<?xi32>, %s: tensor<?xi32>, %n: tensor<32xf32>) {
  // expected-error @+1 {{(C8) expected an epsilon of 0 or more for k_norm, found -1.000000e-03}}
  %0 = gemma.norm_qkv x(%x) weights(%q, %k, %v) cache(%c) at(%p, %s)
      k_norm(%n) {epsilon = 1.0e-3 : f64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64, k_epsilon = -1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, tensor<32xf32>)
        -> tensor<?x64xf32>
  return
}
