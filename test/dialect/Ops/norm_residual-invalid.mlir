// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_residual(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x32xf32>) {
  // expected-error @+1 {{(C1) expected f32 rows of 64 columns for the residual, found 'tensor<?x32xf32>'}}
  %0 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x32xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c1_x(%x: tensor<?x64xbf16>, %w: tensor<64xf32>, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected f32 rows of 64 columns for x, found 'tensor<?x64xbf16>'}}
  %0 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xbf16>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c1_result(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected f32 rows of 64 columns for the first result, found 'tensor<?x64xbf16>'}}
  %0 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xbf16>
  return
}

// -----

func.func @c2(%x: tensor<?x64xf32>, %w: tensor<32xf32>, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C2) expected a vector of 64 elements for the weight, found 'tensor<32xf32>'}}
  %0 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<32xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c3(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C3) expected an epsilon of 0 or more, found -1.000000e-03}}
  %0 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = -1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c4_one(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C4) expected 2 results, found 1}}
  %0 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64, kind = #gemma.kind<bf16>}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c4_two(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C4) expected 1 results, found 2}}
  %0, %1 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>)
  return
}

// -----

func.func @c4_form(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x64xf32>) {
  // expected-error @+1 {{(C4) expected 'tensor<?x80xi8>' for the second result, found 'tensor<?x64xbf16>'}}
  %0, %1 = gemma.norm_residual(%x, %w) residual(%r) {epsilon = 1.0e-3 : f64, kind = #gemma.kind<q8_0>}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>)
  return
}

// -----

func.func @c4_pack(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x64xf32>, %n: tensor<32xf32>) {
  // expected-error @+1 {{(C4) expected a vector of 64 elements for the pack weight, found 'tensor<32xf32>'}}
  %0, %1 = gemma.norm_residual(%x, %w) residual(%r) pack(%n) {epsilon = 1.0e-3 : f64, kind = #gemma.kind<bf16>}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>, tensor<32xf32>) -> (tensor<?x64xf32>, tensor<?x64xbf16>)
  return
}

// -----

func.func @c4_pack_alone(%x: tensor<?x64xf32>, %w: tensor<64xf32>, %r: tensor<?x64xf32>, %n: tensor<64xf32>) {
  // expected-error @+1 {{(C4) expected a kind with a pack weight}}
  %0 = gemma.norm_residual(%x, %w) residual(%r) pack(%n) {epsilon = 1.0e-3 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return
}
