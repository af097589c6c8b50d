// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected the result's shape for x, 'tensor<?x32xf32>', found 'tensor<?x64xf32>'}}
  %y = gemma.rms_norm(%x) {epsilon = 0.0 : f64}
      : (tensor<?x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @c2(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C2) expected a group size that divides 64, found 24}}
  %y = gemma.rms_norm(%x) {epsilon = 0.0 : f64, group_size = 24 : i64}
      : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c2_zero(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C2) expected a group size that divides 64, found 0}}
  %y = gemma.rms_norm(%x) {epsilon = 0.0 : f64, group_size = 0 : i64}
      : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c3(%x: tensor<?x64xf32>, %w: tensor<64xbf16>) {
  // expected-error @+1 {{(C3) expected a vector of 16 elements for the weight, found 'tensor<64xbf16>'}}
  %y = gemma.rms_norm(%x, %w) {epsilon = 0.0 : f64, group_size = 16 : i64}
      : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c4(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C4) expected an epsilon of 0 or more, found -1.000000e+00}}
  %y = gemma.rms_norm(%x) {epsilon = -1.0 : f64}
      : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c5(%x: tensor<?x64xbf16>) {
  // expected-error @+1 {{(C5) expected f32 for x, found 'tensor<?x64xbf16>'}}
  %y = gemma.rms_norm(%x) {epsilon = 0.0 : f64}
      : (tensor<?x64xbf16>) -> tensor<?x64xf32>
  return
}
