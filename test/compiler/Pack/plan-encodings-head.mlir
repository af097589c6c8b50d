// RUN: gemma-opt %s --split-input-file --gemma-plan-encodings=weights=q4_0 | FileCheck %s --check-prefixes=CHECK,DEFAULT
// RUN: gemma-opt %s --split-input-file --gemma-plan-encodings="weights=q4_0 head-weights=q4_0" | FileCheck %s --check-prefixes=CHECK,Q4
// RUN: gemma-opt %s --split-input-file --gemma-plan-encodings="weights=q8_0 head-weights=f16" | FileCheck %s --check-prefixes=F16

// Tied: the embedding is the head.
// DEFAULT: gemma.weight @table : tensor<40x64xf32> as #gemma.encoding<q8_0, panel = 16>
// Q4: gemma.weight @table : tensor<40x64xf32> as #gemma.encoding<q4_0, panel = 16>
// F16: gemma.weight @table : tensor<40x64xf32> as #gemma.encoding<f16, panel = 16>
gemma.weight @table : tensor<40x64xf32>
// CHECK: gemma.weight @proj : tensor<64x64xf32> as #gemma.encoding<q4_0, panel = 16>
// F16: gemma.weight @proj : tensor<64x64xf32> as #gemma.encoding<q8_0, panel = 16>
gemma.weight @proj : tensor<64x64xf32>

func.func @tied(%tokens: tensor<?xi32>) -> tensor<?x40xf32> {
  %t = gemma.weight_ref @table : tensor<40x64xf32>
  %x = gemma.embed(%tokens, %t) {scale = 8.0 : f64} : (tensor<?xi32>, tensor<40x64xf32>) -> tensor<?x64xf32>
  %p = gemma.weight_ref @proj : tensor<64x64xf32>
  %y = gemma.linear(%x, %p) : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  %h = gemma.weight_ref @table : tensor<40x64xf32>
  %l = gemma.linear(%y, %h) : (tensor<?x64xf32>, tensor<40x64xf32>) -> tensor<?x40xf32>
  %c = gemma.softcap(%l) {cap = 30.0 : f64} : (tensor<?x40xf32>) -> tensor<?x40xf32>
  return %c : tensor<?x40xf32>
}

// -----

// A head of its own: the embedding is never q4_0.
// CHECK: gemma.weight @table : tensor<40x64xf32> as #gemma.encoding<q8_0, panel = 16>
// F16: gemma.weight @table : tensor<40x64xf32> as #gemma.encoding<q8_0, panel = 16>
gemma.weight @table : tensor<40x64xf32>
gemma.weight @norm : tensor<64xf32>
// DEFAULT: gemma.weight @head : tensor<40x64xf32> as #gemma.encoding<q8_0, panel = 16>
// Q4: gemma.weight @head : tensor<40x64xf32> as #gemma.encoding<q4_0, panel = 16>
// F16: gemma.weight @head : tensor<40x64xf32> as #gemma.encoding<f16, panel = 16>
gemma.weight @head : tensor<40x64xf32>

func.func @own_head(%tokens: tensor<?xi32>, %out_rows: tensor<?xi32>) -> tensor<?x40xf32> {
  %t = gemma.weight_ref @table : tensor<40x64xf32>
  %x = gemma.embed(%tokens, %t) {scale = 8.0 : f64} : (tensor<?xi32>, tensor<40x64xf32>) -> tensor<?x64xf32>
  %n = gemma.weight_ref @norm : tensor<64xf32>
  %h = gemma.weight_ref @head : tensor<40x64xf32>
  %l = gemma.lm_head x(%x) norm(%n) of(%out_rows) weight(%h) {epsilon = 1.0e-6 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xf32>, tensor<?xi32>, tensor<40x64xf32>) -> tensor<?x40xf32>
  return %l : tensor<?x40xf32>
}

// -----

// Without lm_head, a norm_linear that gives the logits.
// DEFAULT: gemma.weight @head : tensor<40x64xf32> as #gemma.encoding<q8_0, panel = 16>
// Q4: gemma.weight @head : tensor<40x64xf32> as #gemma.encoding<q4_0, panel = 16>
gemma.weight @head : tensor<40x64xf32>
gemma.weight @norm : tensor<64xf32>

func.func @norm_linear(%x: tensor<?x64xf32>) -> tensor<?x40xf32> {
  %n = gemma.weight_ref @norm : tensor<64xf32>
  %h = gemma.weight_ref @head : tensor<40x64xf32>
  %l = gemma.norm_linear x(%x) norm(%n) weights(%h) {epsilon = 1.0e-6 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xf32>, tensor<40x64xf32>) -> tensor<?x40xf32>
  return %l : tensor<?x40xf32>
}
