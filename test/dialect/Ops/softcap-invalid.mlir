// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_shape(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected the result's shape for x, 'tensor<?x32xf32>', found 'tensor<?x64xf32>'}}
  %y = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<?x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @c1_element(%x: tensor<?x64xbf16>) {
  // expected-error @+1 {{(C1) expected f32 rows, found 'tensor<?x64xbf16>'}}
  %y = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<?x64xbf16>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c2(%x: tensor<?x64xf32>) {
  // expected-error @+1 {{(C2) expected a positive cap, found 0.000000e+00}}
  %y = gemma.softcap(%x) {cap = 0.0 : f64}
      : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}
