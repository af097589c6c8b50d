// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_inner(%x: tensor<?x32xf32>, %w: tensor<128x64xbf16>) {
  // expected-error @+1 {{(C1) expected a 128x32 matrix for the weight, found 'tensor<128x64xbf16>'}}
  %y = gemma.linear(%x, %w)
      : (tensor<?x32xf32>, tensor<128x64xbf16>) -> tensor<?x128xf32>
  return
}

// -----

func.func @c1_outer(%x: tensor<?x64xf32>, %w: tensor<128x64xbf16>) {
  // expected-error @+1 {{(C1) expected a 64x64 matrix for the weight, found 'tensor<128x64xbf16>'}}
  %y = gemma.linear(%x, %w)
      : (tensor<?x64xf32>, tensor<128x64xbf16>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c2(%x: tensor<?x64xf32>, %w: tensor<128x64xbf16>) {
  // expected-error @+1 {{(C2) expected f32 for the result's element, found 'bf16'}}
  %y = gemma.linear(%x, %w)
      : (tensor<?x64xf32>, tensor<128x64xbf16>) -> tensor<?x128xbf16>
  return
}
