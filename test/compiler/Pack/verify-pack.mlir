// RUN: gemma-opt %s --gemma-verify-pack --verify-diagnostics --split-input-file

gemma.weight @e : tensor<32x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x16xf32>
  // expected-error @+1 {{has no table after phase pack}}
  %r = gemma.rope(%x, %p) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (tensor<?x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  %l = gemma.linear(%r, %e) : (tensor<?x16xf32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

gemma.weight @e : tensor<32x16xf32> as #gemma.encoding<bf16, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<32x16, #gemma.encoding<bf16, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<32x16, #gemma.encoding<bf16, panel = 16>>) -> tensor<?x16xf32>
  // expected-error @+1 {{expected 'tensor<?x16xbf16>' rows for the weight's encoding, found 'tensor<?x16xf32>'}}
  %l = gemma.linear(%x, %e) : (tensor<?x16xf32>, !gemma.packed<32x16, #gemma.encoding<bf16, panel = 16>>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

// expected-error @+1 {{has no encoding after phase pack}}
gemma.weight @e : tensor<32x16xf32>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : tensor<32x16xf32>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, tensor<32x16xf32>) -> tensor<?x16xf32>
  %l = gemma.linear(%x, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

// A product of rows with rows.
gemma.weight @e : tensor<32x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x16xf32>
  %y = gemma.softcap(%x) {cap = 1.0 : f64} : (tensor<?x16xf32>) -> tensor<32x16xf32>
  // expected-error @+1 {{expected a packed weight, found 'tensor<32x16xf32>'}}
  %l = gemma.linear(%x, %y) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

// A norm's rows are packed.
gemma.weight @e : tensor<32x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x16xf32>
  // expected-error @+1 {{has no packed rows after phase pack}}
  %l = gemma.lm_head x(%x) of(%o) weight(%e) {epsilon = 1.0e-3 : f64} : (tensor<?x16xf32>, tensor<?xi32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

// Rows of a matmul that adds to the residual stream.
gemma.weight @e : tensor<16x16xf32> as #gemma.encoding<q8_0, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x16xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<16x16, #gemma.encoding<q8_0, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<16x16, #gemma.encoding<q8_0, panel = 16>>) -> tensor<?x16xf32>
  // expected-error @+1 {{expected 'tensor<?x80xi8>' rows for the weight's encoding, found 'tensor<?x16xf32>'}}
  %l = gemma.linear_residual(%x, %e) residual(%x) : (tensor<?x16xf32>, !gemma.packed<16x16, #gemma.encoding<q8_0, panel = 16>>, tensor<?x16xf32>) -> tensor<?x16xf32>
  return %l : tensor<?x16xf32>
}

// -----

// Queries are rotated by a table.
gemma.weight @e : tensor<32x32xf32> as #gemma.encoding<f32, panel = 16>
gemma.kv_cache @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<32x32, #gemma.encoding<f32, panel = 16>>
  %c = gemma.kv_cache_ref @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<32x32, #gemma.encoding<f32, panel = 16>>) -> tensor<?x32xf32>
  // expected-error @+1 {{has no table after phase pack}}
  %l = gemma.rope_attention(%x, %c, %p, %s) {q_scale = 0.25 : f64, window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (tensor<?x32xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}
