// RUN: gemma-opt %s --load-pass-plugin=%{plugin} \
// RUN:   --pass-pipeline='builtin.module(softcap-logits{cap=2.5})' \
// RUN:   | FileCheck %s

// A weight without a source is a name only: no checkpoint is needed to test a
// pass.
gemma.weight @head : tensor<32x16xf32>

// CHECK-LABEL: func.func @caps_the_result
// CHECK: %[[LOGITS:.*]] = gemma.linear
// CHECK: %[[CAPPED:.*]] = gemma.softcap(%[[LOGITS]]) {cap = 2.500000e+00 : f64}
// CHECK: return %[[CAPPED]]
func.func @caps_the_result(%x: tensor<?x16xf32>) -> tensor<?x32xf32> {
  %w = gemma.weight_ref @head : tensor<32x16xf32>
  %logits = gemma.linear(%x, %w)
      : (tensor<?x16xf32>, tensor<32x16xf32>) -> tensor<?x32xf32>
  return %logits : tensor<?x32xf32>
}

// CHECK-LABEL: func.func @no_tensor_no_cap
// CHECK-NOT: gemma.softcap
func.func @no_tensor_no_cap(%n: index) -> index {
  return %n : index
}
