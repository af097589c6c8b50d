// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_gate(%gate: tensor<?x32xf32>, %up: tensor<?x64xf32>) {
  // expected-error @+1 {{(C1) expected the result's shape for gate, 'tensor<?x64xf32>', found 'tensor<?x32xf32>'}}
  %h = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<tanh>}
      : (tensor<?x32xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c1_up(%gate: tensor<?x64xf32>, %up: tensor<?x32xf32>) {
  // expected-error @+1 {{(C1) expected the result's shape for up, 'tensor<?x64xf32>', found 'tensor<?x32xf32>'}}
  %h = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<?x32xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c1_element(%gate: tensor<?x64xf32>, %up: tensor<?x64xbf16>) {
  // expected-error @+1 {{(C1) expected f32 for gate and up, found 'tensor<?x64xbf16>'}}
  %h = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<?x64xbf16>) -> tensor<?x64xf32>
  return
}
