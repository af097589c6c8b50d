// RUN: gemma-opt %s --gemma-plan-encodings | FileCheck %s --check-prefixes=CHECK,BF16
// RUN: gemma-opt %s --gemma-plan-encodings=weights=f32 | FileCheck %s --check-prefixes=CHECK,F32
// RUN: not gemma-opt %s --gemma-plan-encodings=weights=q3 2>&1 | FileCheck %s --check-prefix=ERROR

// RUN: not gemma-opt %s --gemma-plan-encodings=head-weights=q3 2>&1 | FileCheck %s --check-prefix=HEAD-ERROR

// ERROR: error: weights: expected f32, f16, bf16, q8_0, q4_0 or stored, found 'q3'
// HEAD-ERROR: error: head-weights: expected f32, f16, bf16, q8_0, q4_0 or stored, found 'q3'

// A matrix goes into panels, a vector and a table stay as they are in f32.
// BF16: gemma.weight @matrix : tensor<40x24xbf16> as #gemma.encoding<bf16, panel = 16>
// F32: gemma.weight @matrix : tensor<40x24xbf16> as #gemma.encoding<f32, panel = 16>
gemma.weight @matrix : tensor<40x24xbf16>
// CHECK: gemma.weight @vector : tensor<24xbf16> as #gemma.encoding<f32, panel = 0>
gemma.weight @vector : tensor<24xbf16>
// CHECK: gemma.weight @table : tensor<258x2x8xf32> as #gemma.encoding<f32, panel = 0>
gemma.weight @table : tensor<258x2x8xf32>
// A choice that was made before stays.
// CHECK: gemma.weight @chosen : tensor<32x32xf32> as #gemma.encoding<f32, panel = 16>
gemma.weight @chosen : tensor<32x32xf32> as #gemma.encoding<f32, panel = 16>

// CHECK-LABEL: func.func @references
func.func @references() {
  // BF16: gemma.weight_ref @matrix : !gemma.packed<40x24, #gemma.encoding<bf16, panel = 16>>
  // F32: gemma.weight_ref @matrix : !gemma.packed<40x24, #gemma.encoding<f32, panel = 16>>
  %0 = gemma.weight_ref @matrix : tensor<40x24xbf16>
  // CHECK: gemma.weight_ref @vector : !gemma.packed<24, #gemma.encoding<f32, panel = 0>>
  %1 = gemma.weight_ref @vector : tensor<24xbf16>
  return
}

// A nested module has weights of its own, also of the same name.
module @nested {
  // CHECK: gemma.weight @inner : tensor<8xf32>{{$}}
  gemma.weight @inner : tensor<8xf32>
  // CHECK: gemma.weight @vector : tensor<4xf32>{{$}}
  gemma.weight @vector : tensor<4xf32>
  func.func @references() {
    // CHECK: gemma.weight_ref @inner : tensor<8xf32>
    %0 = gemma.weight_ref @inner : tensor<8xf32>
    // CHECK: gemma.weight_ref @vector : tensor<4xf32>
    %1 = gemma.weight_ref @vector : tensor<4xf32>
    return
  }
}
