// RUN: gemma-opt %s --gemma-verify-fuse --verify-diagnostics --split-input-file

// expected-error @+1 {{has an encoding before phase pack}}
gemma.weight @e : tensor<32x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x16xf32>
  %l = gemma.linear(%x, %e) : (tensor<?x16xf32>, !gemma.packed<32x16, #gemma.encoding<f32, panel = 16>>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}
