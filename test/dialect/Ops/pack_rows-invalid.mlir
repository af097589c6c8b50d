// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1(%x: tensor<?x64xbf16>) {
  // expected-error @+1 {{(C1) expected f32 rows of 64 columns for x, found 'tensor<?x64xbf16>'}}
  %0 = gemma.pack_rows(%x) {kind = #gemma.kind<bf16>}
      : (tensor<?x64xbf16>) -> tensor<?x64xbf16>
  return
}

// -----

func.func @c2(%x: tensor<?x64xf32>, %w: tensor<32xf32>) {
  // expected-error @+1 {{(C2) expected a vector of 64 elements for the weight, found 'tensor<32xf32>'}}
  %0 = gemma.pack_rows(%x, %w) {kind = #gemma.kind<bf16>}
      : (tensor<?x64xf32>, tensor<32xf32>) -> tensor<?x64xbf16>
  return
}

// -----

func.func @c3_width(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C3) expected 'tensor<?x80xi8>' for the result, found 'tensor<?x64xi8>'}}
  %0 = gemma.pack_rows(%x) {kind = #gemma.kind<q8_0>}
      : (tensor<?x64xf32>) -> tensor<?x64xi8>
  return
}

// -----

func.func @c3_element(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C3) expected 'tensor<?x64xf32>' for the result, found 'tensor<?x64xbf16>'}}
  %0 = gemma.pack_rows(%x) {kind = #gemma.kind<f16>}
      : (tensor<?x64xf32>) -> tensor<?x64xbf16>
  return
}
