// RUN: gemma-opt %s --gemma-round-matmul-inputs | FileCheck %s

!bf16 = !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>
!f32 = !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>

// The producer rounds where only bf16 matmuls use its rows.
// CHECK-LABEL: func.func @producer_rounds
func.func @producer_rounds(%x: tensor<?x64xf32>, %w: !bf16) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  // CHECK: %[[Y:.*]] = gemma.rms_norm({{.*}} -> tensor<?x64xbf16>
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-6 : f64} : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK-NOT: arith.truncf
  // CHECK: gemma.linear(%[[Y]], %{{.*}}) : (tensor<?x64xbf16>
  %0 = gemma.linear(%y, %w) : (tensor<?x64xf32>, !bf16) -> tensor<?x32xf32>
  // CHECK: gemma.linear(%[[Y]], %{{.*}}) : (tensor<?x64xbf16>
  %1 = gemma.linear(%y, %w) : (tensor<?x64xf32>, !bf16) -> tensor<?x32xf32>
  return %0, %1 : tensor<?x32xf32>, tensor<?x32xf32>
}

// Somebody else reads the rows in f32: the matmuls share one rounded copy.
// CHECK-LABEL: func.func @other_user
func.func @other_user(%x: tensor<?x64xf32>, %w: !bf16) -> (tensor<?x32xf32>, tensor<?x32xf32>, tensor<?x64xf32>) {
  // CHECK: %[[Y:.*]] = gemma.rms_norm({{.*}} -> tensor<?x64xf32>
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-6 : f64} : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // CHECK: %[[R:.*]] = arith.truncf %[[Y]] : tensor<?x64xf32> to tensor<?x64xbf16>
  // CHECK-NOT: arith.truncf
  // CHECK: gemma.linear(%[[R]],
  %0 = gemma.linear(%y, %w) : (tensor<?x64xf32>, !bf16) -> tensor<?x32xf32>
  // CHECK: gemma.linear(%[[R]],
  %1 = gemma.linear(%y, %w) : (tensor<?x64xf32>, !bf16) -> tensor<?x32xf32>
  return %0, %1, %y : tensor<?x32xf32>, tensor<?x32xf32>, tensor<?x64xf32>
}

// An argument, and an op whose result is f32 by its constraints.
// CHECK-LABEL: func.func @no_producer
func.func @no_producer(%x: tensor<?x64xf32>, %w: !bf16) -> tensor<?x32xf32> {
  // CHECK: %[[R:.*]] = arith.truncf %{{.*}} : tensor<?x64xf32> to tensor<?x64xbf16>
  // CHECK: gemma.linear(%[[R]],
  %0 = gemma.linear(%x, %w) : (tensor<?x64xf32>, !bf16) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// f32 weights take f32 rows.
// CHECK-LABEL: func.func @f32_weight
func.func @f32_weight(%x: tensor<?x64xf32>, %w: !f32) -> tensor<?x32xf32> {
  // CHECK-NOT: bf16
  %y = gemma.rms_norm(%x) {epsilon = 1.0e-6 : f64} : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %0 = gemma.linear(%y, %w) : (tensor<?x64xf32>, !f32) -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}
