// RUN: gemma-opt %s --gemma-verify-fuse --verify-diagnostics --split-input-file

// expected-error @+1 {{has an encoding before phase pack}}
gemma.weight @e : tensor<32x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x16xf32>
  %l = gemma.linear(%x, %e) : (tensor<?x16xf32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

gemma.weight @e : tensor<32x16xf32>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : tensor<32x16xf32>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, tensor<32x16xf32>) -> tensor<?x16xf32>
  // expected-error @+1 {{may not remain: expected it in a gemma.norm_linear, as norm-linear is on}}
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-6 : f64} : (tensor<?x16xf32>) -> tensor<?x16xf32>
  %l = gemma.linear(%y, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

// The same with that fusion off.
module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "", features = [], stub = false, no_fuse = ["norm-linear"]}} {
gemma.weight @e : tensor<32x16xf32>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : tensor<32x16xf32>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, tensor<32x16xf32>) -> tensor<?x16xf32>
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-6 : f64} : (tensor<?x16xf32>) -> tensor<?x16xf32>
  %l = gemma.linear(%y, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}
}

// -----

gemma.weight @e : tensor<32x16xf32>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : tensor<32x16xf32>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, tensor<32x16xf32>) -> tensor<?x16xf32>
  %k = gemma.linear(%x, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  %l2 = gemma.softcap(%k) {cap = 1.0 : f64} : (tensor<?x32xf32>) -> tensor<?x32xf32>
  %l = gemma.linear(%x, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  // expected-error @+1 {{may not remain: expected it in a gemma.linear_residual, as linear-residual is on}}
  %m = arith.addf %l, %l2 : tensor<?x32xf32>
  return %m : tensor<?x32xf32>
}

// -----

gemma.weight @e : tensor<32x16xf32>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : tensor<32x16xf32>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, tensor<32x16xf32>) -> tensor<?x16xf32>
  // expected-error @+1 {{has packed rows before phase pack}}
  %y = gemma.pack_rows(%x) {kind = #gemma.kind<f32>} : (tensor<?x16xf32>) -> tensor<?x16xf32>
  %l = gemma.linear(%y, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}
