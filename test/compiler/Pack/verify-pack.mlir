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
  // expected-error @+1 {{expected 'bf16' rows for the weight's encoding, found 'f32'}}
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
