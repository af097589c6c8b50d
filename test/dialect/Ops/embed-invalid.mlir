// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_width(%tokens: tensor<?xi32>, %table: tensor<256x32xbf16>) {
  // expected-error @+1 {{(C1) expected a matrix with 64 columns for the table, found 'tensor<256x32xbf16>'}}
  %x = gemma.embed(%tokens, %table) {scale = 8.0 : f64}
      : (tensor<?xi32>, tensor<256x32xbf16>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c1_rank(%tokens: tensor<?xi32>, %table: tensor<64xbf16>) {
  // expected-error @+1 {{(C1) expected a matrix with 64 columns for the table, found 'tensor<64xbf16>'}}
  %x = gemma.embed(%tokens, %table) {scale = 8.0 : f64}
      : (tensor<?xi32>, tensor<64xbf16>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c2(%tokens: tensor<?xi32>, %table: tensor<256x64xbf16>) {
  // expected-error @+1 {{(C2) expected f32 for the result's element, found 'bf16'}}
  %x = gemma.embed(%tokens, %table) {scale = 8.0 : f64}
      : (tensor<?xi32>, tensor<256x64xbf16>) -> tensor<?x64xbf16>
  return
}
