// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

module attributes {
  // CHECK: a.gelu_erf = #gemma.gelu<erf>
  a.gelu_erf = #gemma.gelu<erf>,
  // CHECK-SAME: a.gelu_tanh = #gemma.gelu<tanh>
  a.gelu_tanh = #gemma.gelu<tanh>,
  // CHECK-SAME: b.matrix = #gemma.encoding<bf16, panel = 16>
  b.matrix = #gemma.encoding<bf16, panel = 16>,
  // CHECK-SAME: b.vector = #gemma.encoding<f32, panel = 0>
  b.vector = #gemma.encoding<f32, panel = 0>,
  // CHECK-SAME: c.random = #gemma.random<seed = -1, bound = 0.000000e+00 : f64>
  c.random = #gemma.random<seed = -1, bound = 0.0 : f64>,
  // CHECK-SAME: c.rope = #gemma.rope_table<base = 1.000000e+04 : f64, position_scale = 8.000000e+00 : f64, head_dim = 256, rotated = 128, positions = 8192>
  c.rope = #gemma.rope_table<base = 1.0e4 : f64, position_scale = 8.0 : f64,
                             head_dim = 256, rotated = 128, positions = 8192>,
  // CHECK-SAME: c.tensor = #gemma.tensor<"a b.safetensors", "model.\22quoted\22">
  c.tensor = #gemma.tensor<"a b.safetensors", "model.\22quoted\22">,
  // CHECK-SAME: c.tensor_gguf = #gemma.tensor<"m.gguf", "output_norm.weight", "Q4_0">
  c.tensor_gguf = #gemma.tensor<"m.gguf", "output_norm.weight", "Q4_0">
} {}
