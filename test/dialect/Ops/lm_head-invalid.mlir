// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1(%x: tensor<?x64xf32>, %i: tensor<?xi32>, %w: tensor<512x64xf32>) {
  // expected-error @+1 {{(C1) expected a 256x64 matrix for the weight, found 'tensor<512x64xf32>'}}
  %0 = gemma.lm_head x(%x) of(%i) weight(%w) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>, tensor<512x64xf32>)
        -> tensor<?x256xf32>
  return
}

// -----

func.func @c2_x(%x: tensor<?x32xf32>, %i: tensor<?xi32>,
    %w: tensor<512x64xf32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 64 columns for x, found 'tensor<?x32xf32>'}}
  %0 = gemma.lm_head x(%x) of(%i) weight(%w) {epsilon = 1.0e-3 : f64}
      : (tensor<?x32xf32>, tensor<?xi32>, tensor<512x64xf32>)
        -> tensor<?x512xf32>
  return
}

// -----

func.func @c2_result(%x: tensor<?x64xf32>, %i: tensor<?xi32>,
    %w: tensor<512x64xf32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 512 columns for the result, found 'tensor<?x512xbf16>'}}
  %0 = gemma.lm_head x(%x) of(%i) weight(%w) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>, tensor<512x64xf32>)
        -> tensor<?x512xbf16>
  return
}

// -----

func.func @c3(%x: tensor<?x64xf32>, %n: tensor<32xf32>, %i: tensor<?xi32>,
    %w: tensor<512x64xf32>) {
  // expected-error @+1 {{(C3) expected a vector of 64 elements for the norm's weight, found 'tensor<32xf32>'}}
  %0 = gemma.lm_head x(%x) norm(%n) of(%i) weight(%w) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<32xf32>, tensor<?xi32>, tensor<512x64xf32>)
        -> tensor<?x512xf32>
  return
}

// -----

func.func @c4_epsilon(%x: tensor<?x64xf32>, %i: tensor<?xi32>,
    %w: tensor<512x64xf32>) {
  // expected-error @+1 {{(C4) expected an epsilon of 0 or more, found -1}}
  %0 = gemma.lm_head x(%x) of(%i) weight(%w) {epsilon = -1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>, tensor<512x64xf32>)
        -> tensor<?x512xf32>
  return
}

// -----

func.func @c4_cap(%x: tensor<?x64xf32>, %i: tensor<?xi32>,
    %w: tensor<512x64xf32>) {
  // expected-error @+1 {{(C4) expected a positive cap, found 0.000000e+00 : f64}}
  %0 = gemma.lm_head x(%x) of(%i) weight(%w) {epsilon = 1.0e-3 : f64,
      cap = 0.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>, tensor<512x64xf32>)
        -> tensor<?x512xf32>
  return
}
