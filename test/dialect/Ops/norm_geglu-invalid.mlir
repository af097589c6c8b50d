// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_types(%x: tensor<?x64xf32>, %g: tensor<32x64xf32>,
    %u: tensor<48x64xf32>) {
  // expected-error @+1 {{(C1) expected one type for gate and up, found 'tensor<32x64xf32>' and 'tensor<48x64xf32>'}}
  %0 = gemma.norm_geglu x(%x) gate(%g) up(%u) {epsilon = 1.0e-3 : f64,
      gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<32x64xf32>, tensor<48x64xf32>)
        -> tensor<?x32xf32>
  return
}

// -----

func.func @c1_vectors(%x: tensor<?x64xf32>, %g: tensor<64xf32>) {
  // expected-error @+1 {{(C1) expected matrices for the weights, found 'tensor<64xf32>'}}
  %0 = gemma.norm_geglu x(%x) gate(%g) up(%g) {epsilon = 1.0e-3 : f64,
      gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c2_x(%x: tensor<?x48xf32>, %g: tensor<32x64xf32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 64 columns for x, found 'tensor<?x48xf32>'}}
  %0 = gemma.norm_geglu x(%x) gate(%g) up(%g) {epsilon = 1.0e-3 : f64,
      gelu = #gemma.gelu<tanh>}
      : (tensor<?x48xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
        -> tensor<?x32xf32>
  return
}

// -----

func.func @c2_result(%x: tensor<?x64xf32>, %g: tensor<32x64xf32>) {
  // expected-error @+1 {{(C2) expected 'tensor<?x32xf32>' for the result, found 'tensor<?x32xbf16>'}}
  %0 = gemma.norm_geglu x(%x) gate(%g) up(%g) {epsilon = 1.0e-3 : f64,
      gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
        -> tensor<?x32xbf16>
  return
}

// -----

func.func @c2_packed(%x: tensor<?x64xf32>, %g: tensor<32x64xf32>) {
  // expected-error @+1 {{(C2) expected 'tensor<?x80xi8>' for the result, found 'tensor<?x32xf32>'}}
  %0 = gemma.norm_geglu x(%x) gate(%g) up(%g) {epsilon = 1.0e-3 : f64,
      gelu = #gemma.gelu<tanh>, kind = #gemma.kind<q8_0>}
      : (tensor<?x64xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
        -> tensor<?x32xf32>
  return
}

// -----

func.func @c3(%x: tensor<?x64xf32>, %n: tensor<32xf32>, %g: tensor<32x64xf32>) {
  // expected-error @+1 {{(C3) expected a vector of 64 elements for the norm's weight, found 'tensor<32xf32>'}}
  %0 = gemma.norm_geglu x(%x) norm(%n) gate(%g) up(%g) {epsilon = 1.0e-3 : f64,
      gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<32xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
        -> tensor<?x32xf32>
  return
}

// -----

func.func @c4(%x: tensor<?x64xf32>, %g: tensor<32x64xf32>) {
  // expected-error @+1 {{(C4) expected an epsilon of 0 or more, found -1}}
  %0 = gemma.norm_geglu x(%x) gate(%g) up(%g) {epsilon = -1.0 : f64,
      gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
        -> tensor<?x32xf32>
  return
}
