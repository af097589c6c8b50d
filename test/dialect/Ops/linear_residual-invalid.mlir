// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_weight(%x: tensor<?x256xf32>, %w: tensor<64xf32>,
    %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected a matrix for the weight, found 'tensor<64xf32>'}}
  %0 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<?x256xf32>, tensor<64xf32>, tensor<?x64xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

func.func @c1_x(%x: tensor<?x128xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected 256 columns of x for the weight, found 'tensor<?x128xf32>'}}
  %0 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<?x128xf32>, tensor<64x256xf32>, tensor<?x64xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

!w = !gemma.packed<64x256, #gemma.encoding<q8_0, panel = 16>>
func.func @c1_packed_x(%x: tensor<?x256xi8>, %w: !w, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected 'tensor<?x320xi8>' for x, found 'tensor<?x256xi8>'}}
  %0 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<?x256xi8>, !w, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c2_residual(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x32xf32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 64 columns for the residual, found 'tensor<?x32xf32>'}}
  %0 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x32xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

func.func @c2_result(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 64 columns for the first result, found 'tensor<?x64xbf16>'}}
  %0 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>)
        -> tensor<?x64xbf16>
  return
}

// -----

func.func @c3_one(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C3) expected 2 results, found 1}}
  %0 = gemma.linear_residual(%x, %w) residual(%r) {kind = #gemma.kind<bf16>}
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>)
        -> tensor<?x64xf32>
  return
}

// -----

func.func @c3_two(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C3) expected 1 results, found 2}}
  %0, %1 = gemma.linear_residual(%x, %w) residual(%r)
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>)
        -> (tensor<?x64xf32>, tensor<?x64xbf16>)
  return
}

// -----

func.func @c3_form(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C3) expected 'tensor<?x80xi8>' for the second result, found 'tensor<?x64xbf16>'}}
  %0, %1 = gemma.linear_residual(%x, %w) residual(%r) {kind = #gemma.kind<q4_0>}
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>)
        -> (tensor<?x64xf32>, tensor<?x64xbf16>)
  return
}

// -----

func.func @c3_norm(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>, %n: tensor<256xf32>) {
  // expected-error @+1 {{(C3) expected a vector of 64 elements for the norm's weight, found 'tensor<256xf32>'}}
  %0, %1 = gemma.linear_residual(%x, %w) residual(%r) norm(%n)
      {kind = #gemma.kind<bf16>}
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>,
         tensor<256xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>)
  return
}

// -----

func.func @c3_norm_alone(%x: tensor<?x256xf32>, %w: tensor<64x256xf32>,
    %r: tensor<?x64xf32>, %n: tensor<64xf32>) {
  // expected-error @+1 {{(C3) expected a kind with a norm weight}}
  %0 = gemma.linear_residual(%x, %w) residual(%r) norm(%n)
      : (tensor<?x256xf32>, tensor<64x256xf32>, tensor<?x64xf32>,
         tensor<64xf32>) -> tensor<?x64xf32>
  return
}
