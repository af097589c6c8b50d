// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_shape(%x: tensor<?x64xf32>, %a: tensor<32x64xf32>) {
  // expected-error @+1 {{(C1) expected a 16x64 matrix for a weight, found 'tensor<32x64xf32>'}}
  %0 = gemma.norm_linear x(%x) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x16xf32>
  return
}

// -----

func.func @c1_vector(%x: tensor<?x64xf32>, %a: tensor<64xf32>) {
  // expected-error @+1 {{(C1) expected matrices for the weights, found 'tensor<64xf32>'}}
  %0 = gemma.norm_linear x(%x) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @c1_results(%x: tensor<?x64xf32>, %a: tensor<32x64xf32>) {
  // expected-error @+1 {{(C1) expected a result for every weight, found 2 for 1}}
  %0, %1 = gemma.norm_linear x(%x) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<32x64xf32>)
        -> (tensor<?x32xf32>, tensor<?x32xf32>)
  return
}

// -----

func.func @c2_x(%x: tensor<?x32xf32>, %a: tensor<32x64xf32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 64 columns for x, found 'tensor<?x32xf32>'}}
  %0 = gemma.norm_linear x(%x) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x32xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @c2_result(%x: tensor<?x64xf32>, %a: tensor<32x64xf32>) {
  // expected-error @+1 {{(C2) expected f32 rows of 32 columns for a result, found 'tensor<?x32xbf16>'}}
  %0 = gemma.norm_linear x(%x) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xbf16>
  return
}

// -----

func.func @c3_norm(%x: tensor<?x64xf32>, %n: tensor<32xf32>,
    %a: tensor<32x64xf32>) {
  // expected-error @+1 {{(C3) expected a vector of 64 elements for the norm's weight, found 'tensor<32xf32>'}}
  %0 = gemma.norm_linear x(%x) norm(%n) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<32xf32>, tensor<32x64xf32>)
        -> tensor<?x32xf32>
  return
}

// -----

!w = !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>
func.func @c3_both(%x: tensor<?x64xf32>, %n: tensor<64xf32>, %a: !w) {
  // expected-error @+1 {{(C3) expected the norm's weight or packed rows, found both}}
  %0 = gemma.norm_linear x(%x) norm(%n) packed(%x) weights(%a)
      {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<?x64xf32>, !w)
        -> tensor<?x32xf32>
  return
}

// -----

func.func @c3_unpacked_weight(%x: tensor<?x64xf32>, %a: tensor<32x64xf32>) {
  // expected-error @+1 {{(C3) expected packed weights with packed rows, found 'tensor<32x64xf32>'}}
  %0 = gemma.norm_linear x(%x) packed(%x) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<?x64xf32>, tensor<32x64xf32>)
        -> tensor<?x32xf32>
  return
}

// -----

!w = !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>
func.func @c3_other_form(%x: tensor<?x64xf32>, %a: !w) {
  // expected-error @+1 {{(C3) expected 'tensor<?x64xbf16>' for the packed rows, found 'tensor<?x64xf32>'}}
  %0 = gemma.norm_linear x(%x) packed(%x) weights(%a) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<?x64xf32>, !w) -> tensor<?x32xf32>
  return
}

// -----

func.func @c4(%x: tensor<?x64xf32>, %a: tensor<32x64xf32>) {
  // expected-error @+1 {{(C4) expected an epsilon of 0 or more, found -1}}
  %0 = gemma.norm_linear x(%x) weights(%a) {epsilon = -1.0 : f64}
      : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
  return
}

// -----

func.func @c5_element(%x: tensor<?x64xf32>, %a: tensor<32x64xf32>,
    %b: tensor<32x64xbf16>) {
  // expected-error @+1 {{(C5) expected weights of one form, found 'tensor<32x64xf32>' and 'tensor<32x64xbf16>'}}
  %0, %1 = gemma.norm_linear x(%x) weights(%a, %b) {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<32x64xf32>, tensor<32x64xbf16>)
        -> (tensor<?x32xf32>, tensor<?x32xf32>)
  return
}

// -----

!w = !gemma.packed<32x64, #gemma.encoding<q4_0, panel = 16>>
!v = !gemma.packed<32x64, #gemma.encoding<q8_0, panel = 16>>
func.func @c5_encoding(%x: tensor<?x64xf32>, %p: tensor<?x80xi8>, %a: !w,
    %b: !v) {
  // expected-error @+1 {{(C5) expected weights of one form}}
  %0, %1 = gemma.norm_linear x(%x) packed(%p) weights(%a, %b)
      {epsilon = 1.0e-6 : f64}
      : (tensor<?x64xf32>, tensor<?x80xi8>, !w, !v)
        -> (tensor<?x32xf32>, tensor<?x32xf32>)
  return
}
