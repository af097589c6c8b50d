// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_inner(%x: tensor<?x32xf32>, %w: tensor<128x64xbf16>) {
  // expected-error @+1 {{(C1) expected 64 columns of x for the weight, found 'tensor<?x32xf32>'}}
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

// -----

!w = !gemma.packed<128x64, #gemma.encoding<q8_0, panel = 16>>
func.func @c1_packed(%x: tensor<?x64xi8>, %w: !w) {
  // expected-error @+1 {{(C1) expected 'tensor<?x80xi8>' for x, found 'tensor<?x64xi8>'}}
  %y = gemma.linear(%x, %w) : (tensor<?x64xi8>, !w) -> tensor<?x128xf32>
  return
}
