// RUN: gemma-opt %s --gemma-plan-encodings=weights=stored | FileCheck %s
// RUN: gemma-opt %s --gemma-plan-encodings='weights=q4_0 head-weights=stored' | FileCheck %s --check-prefix=Q4

module attributes {gemma.checkpoint = "folder"} {
  // Each type's own encoding, or q8_0.
  // CHECK: @f32 {{.*}} as #gemma.encoding<f32, panel = 16>
  gemma.weight @f32 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "F32">
  // CHECK: @f16 {{.*}} as #gemma.encoding<f16, panel = 16>
  gemma.weight @f16 : tensor<64x64xf16> from #gemma.tensor<"m.gguf", "a", "F16">
  // CHECK: @bf16 {{.*}} as #gemma.encoding<bf16, panel = 16>
  gemma.weight @bf16 : tensor<64x64xbf16> from #gemma.tensor<"m.gguf", "a", "BF16">
  // CHECK: @q8_0 {{.*}} as #gemma.encoding<q8_0, panel = 16>
  gemma.weight @q8_0 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q8_0">
  // CHECK: @q4_0 {{.*}} as #gemma.encoding<q4_0, panel = 16>
  // Q4: @q4_0 {{.*}} as #gemma.encoding<q4_0, panel = 16>
  gemma.weight @q4_0 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q4_0">
  // CHECK: @q5_0 {{.*}} as #gemma.encoding<q8_0, panel = 16>
  gemma.weight @q5_0 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q5_0">
  // CHECK: @q4_1 {{.*}} as #gemma.encoding<q8_0, panel = 16>
  gemma.weight @q4_1 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q4_1">
  // CHECK: @q6_k {{.*}} as #gemma.encoding<q8_0, panel = 16>
  gemma.weight @q6_k : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q6_K">
  // CHECK: @vector {{.*}} as #gemma.encoding<f32, panel = 0>
  gemma.weight @vector : tensor<64xf32> from #gemma.tensor<"m.gguf", "a", "F32">
  // Tensors of safetensors files have the type of their elements.
  // CHECK: @half {{.*}} as #gemma.encoding<f16, panel = 16>
  gemma.weight @half : tensor<64x64xf16> from #gemma.tensor<"m.safetensors", "a">
  // CHECK: @nothing {{.*}} as #gemma.encoding<f32, panel = 16>
  gemma.weight @nothing : tensor<64x64xbf16>

  // Weights of one op: what holds both.
  // CHECK: @gate_q4 {{.*}} as #gemma.encoding<q8_0, panel = 16>
  gemma.weight @gate_q4 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q4_0">
  // CHECK: @up_q8 {{.*}} as #gemma.encoding<q8_0, panel = 16>
  gemma.weight @up_q8 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q8_0">
  // CHECK: @gate_q6 {{.*}} as #gemma.encoding<f32, panel = 16>
  gemma.weight @gate_q6 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q6_K">
  // CHECK: @up_f32 {{.*}} as #gemma.encoding<f32, panel = 16>
  gemma.weight @up_f32 : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "F32">

  // The head's choice is its own.
  // CHECK: @head {{.*}} as #gemma.encoding<q8_0, panel = 16>
  // Q4: @head {{.*}} as #gemma.encoding<q8_0, panel = 16>
  gemma.weight @head : tensor<64x64xf32> from #gemma.tensor<"m.gguf", "a", "Q8_0">

  func.func @forward(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
    %g0 = gemma.weight_ref @gate_q4 : tensor<64x64xf32>
    %u0 = gemma.weight_ref @up_q8 : tensor<64x64xf32>
    %0 = gemma.norm_geglu x(%x) gate(%g0) up(%u0) {epsilon = 1.0e-6 : f64,
        unit_offset = false, gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    %g1 = gemma.weight_ref @gate_q6 : tensor<64x64xf32>
    %u1 = gemma.weight_ref @up_f32 : tensor<64x64xf32>
    %1 = gemma.norm_geglu x(%0) gate(%g1) up(%u1) {epsilon = 1.0e-6 : f64,
        unit_offset = false, gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    %h = gemma.weight_ref @head : tensor<64x64xf32>
    %2 = gemma.linear(%1, %h)
      : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
    return %2 : tensor<?x64xf32>
  }
}
