// RUN: gemma-opt %s --gemma-lower-to-buffers=max-rows=8 --verify-diagnostics --split-input-file

!e = !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>
gemma.weight @e : tensor<16x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x16xf32> {
  %e = gemma.weight_ref @e : !e
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !e) -> tensor<?x16xf32>
  %y = gemma.select_rows(%x, %o) : (tensor<?x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  // expected-error @+1 {{expected operands over the same rows}}
  %z = arith.addf %x, %y : tensor<?x16xf32>
  return %z : tensor<?x16xf32>
}

// -----

// Masks have no layout in memory that all vector widths share.
!e = !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>
gemma.weight @e : tensor<16x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x16xf32> {
  %e = gemma.weight_ref @e : !e
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !e) -> tensor<?x16xf32>
  // expected-error @+1 {{cannot be written to a buffer: expected whole bytes for an element, found 'i1'}}
  %m = arith.cmpf ogt, %x, %x : tensor<?x16xf32>
  return %x : tensor<?x16xf32>
}

// -----

// expected-error @+1 {{returns an argument, expected logits}}
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?xi32> {
  return %t : tensor<?xi32>
}
