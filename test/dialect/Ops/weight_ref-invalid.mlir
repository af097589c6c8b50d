// RUN: gemma-opt %s --split-input-file --verify-diagnostics

func.func @c1_no_symbol() {
  // expected-error @+1 {{(C1) expected a gemma.weight named @norm}}
  %w = gemma.weight_ref @norm : tensor<64xbf16>
  return
}

// -----

func.func private @norm()
func.func @c1_other_op() {
  // expected-error @+1 {{(C1) expected a gemma.weight named @norm}}
  %w = gemma.weight_ref @norm : tensor<64xbf16>
  return
}

// -----

gemma.weight @norm : tensor<64xbf16>
func.func @c2_type() {
  // expected-error @+1 {{(C2) expected 'tensor<64xbf16>' for @norm, found 'tensor<64xf32>'}}
  %w = gemma.weight_ref @norm : tensor<64xf32>
  return
}

// -----

gemma.weight @norm : tensor<64xbf16> as #gemma.encoding<f32, panel = 0>
func.func @c2_encoded() {
  // expected-error @+1 {{(C2) expected '!gemma.packed<64, #gemma.encoding<f32, panel = 0>>' for @norm, found 'tensor<64xbf16>'}}
  %w = gemma.weight_ref @norm : tensor<64xbf16>
  return
}

// -----

gemma.weight @norm : tensor<64xbf16>
func.func @c2_not_encoded() {
  // expected-error @+1 {{(C2) expected 'tensor<64xbf16>' for @norm, found '!gemma.packed<64, #gemma.encoding<f32, panel = 0>>'}}
  %w = gemma.weight_ref @norm
      : !gemma.packed<64, #gemma.encoding<f32, panel = 0>>
  return
}
