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

// -----

// expected-error @+1 {{expected tensors as arguments and one result}}
func.func @forward() {
  return
}

// -----

// expected-error @+1 {{expected one block}}
func.func private @forward(tensor<?xi32>) -> tensor<?x16xf32>

// -----

!e = !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>
gemma.weight @e : tensor<16x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x16xf32> {
  %e = gemma.weight_ref @e : !e
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !e) -> tensor<?x16xf32>
  // expected-error @+1 {{expected whole bytes for an element, found 'index'}}
  %i = arith.index_cast %t : tensor<?xi32> to tensor<?xindex>
  return %x : tensor<?x16xf32>
}

// -----

// A decoder op, too, takes its operands row by row.
!e = !gemma.packed<16x16, #gemma.encoding<f32, panel = 16>>
gemma.weight @e : tensor<16x16xf32> as #gemma.encoding<f32, panel = 16>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x16xf32> {
  %e = gemma.weight_ref @e : !e
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, !e) -> tensor<?x16xf32>
  %y = gemma.select_rows(%x, %o) : (tensor<?x16xf32>, tensor<?xi32>) -> tensor<?x16xf32>
  // expected-error @+1 {{expected operands over the same rows}}
  %z = gemma.geglu(%y, %x) {gelu = #gemma.gelu<tanh>} : (tensor<?x16xf32>, tensor<?x16xf32>) -> tensor<?x16xf32>
  return %z : tensor<?x16xf32>
}
