// RUN: gemma-opt %s --gemma-verify-fuse --verify-diagnostics --split-input-file

// expected-error @+1 {{expected a function @forward}}
module {}

// -----

// expected-error @+1 {{expected type (tokens, positions, slots, out_rows: tensor<?xi32>) -> tensor<?xVxf32>, found}}
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>) -> tensor<?x32xf32> {
  %0 = tensor.empty() : tensor<0x32xf32>
  %1 = tensor.cast %0 : tensor<0x32xf32> to tensor<?x32xf32>
  return %1 : tensor<?x32xf32>
}

// -----

// expected-error @+1 {{expected type (tokens, positions, slots, out_rows}}
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?xi32> {
  return %t : tensor<?xi32>
}

// -----

gemma.weight @e : tensor<32x16xf32>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  %e = gemma.weight_ref @e : tensor<32x16xf32>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, tensor<32x16xf32>) -> tensor<?x16xf32>
  %a = arith.addf %x, %x : tensor<?x16xf32>
  %b = math.exp %a : tensor<?x16xf32>
  // expected-error @+1 {{may not remain on tensors: expected a gemma op or an elementwise arith or math op}}
  %c = tensor.cast %b : tensor<?x16xf32> to tensor<?x16xf32>
  %l = gemma.linear(%c, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}

// -----

gemma.weight @e : tensor<32x16xf32>
func.func @forward(%t: tensor<?xi32>, %p: tensor<?xi32>, %s: tensor<?xi32>, %o: tensor<?xi32>) -> tensor<?x32xf32> {
  // expected-error @+1 {{may not remain on tensors}}
  %m = memref.alloc() : memref<8x16xf32>
  %e = gemma.weight_ref @e : tensor<32x16xf32>
  %x = gemma.embed(%t, %e) {scale = 4.0 : f64} : (tensor<?xi32>, tensor<32x16xf32>) -> tensor<?x16xf32>
  %l = gemma.linear(%x, %e) : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %l : tensor<?x32xf32>
}
