// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_shape(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected the result's shape for x, 'tensor<?x32xf32>', found 'tensor<?x64xf32>'}}
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @c1_element(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C1) expected f32 rows, found 'tensor<?x64xbf16>'}}
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xbf16>
  return
}

// -----

func.func @c2_odd(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected an even head_dim that divides 64, found 1}}
  %y = gemma.rope(%x, %positions) {head_dim = 1 : i64, rotated = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c2_divides(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C2) expected an even head_dim that divides 64, found 24}}
  %y = gemma.rope(%x, %positions) {head_dim = 24 : i64, rotated = 16 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c3_odd(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C3) expected an even rotated from 0 to 16, found 7}}
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 7 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c3_large(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C3) expected an even rotated from 0 to 16, found 18}}
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 18 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c4_base(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected a positive base, found 0.000000e+00}}
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 16 : i64, base = 0.0 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c4_scale(%x: tensor<?x64xf32>, %positions: tensor<?xi32>) {
  // expected-error @+1 {{(C4) expected a positive position_scale, found -1.000000e+00}}
  %y = gemma.rope(%x, %positions) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64,
      position_scale = -1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c5(%x: tensor<?x64xf32>, %positions: tensor<?xi32>, %table: tensor<288x2x4xf32>) {
  // expected-error @+1 {{(C5) expected a table [more than 256, 2, 8], found 'tensor<288x2x4xf32>'}}
  %y = gemma.rope(%x, %positions, %table) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>, tensor<288x2x4xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c5_no_coarse_rows(%x: tensor<?x64xf32>, %positions: tensor<?xi32>, %table: tensor<256x2x8xf32>) {
  // expected-error @+1 {{(C5) expected a table [more than 256, 2, 8], found 'tensor<256x2x8xf32>'}}
  %y = gemma.rope(%x, %positions, %table) {head_dim = 16 : i64, rotated = 16 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<?xi32>, tensor<256x2x8xf32>) -> tensor<?x64xf32>
  return
}
