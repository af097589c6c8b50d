// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK: gemma.weight @name_only : tensor<64xbf16>{{$}}
gemma.weight @name_only : tensor<64xbf16>

// CHECK: gemma.weight @norm : tensor<64xbf16> from #gemma.tensor<"model.safetensors", "model.norm.weight"> as #gemma.encoding<f32, panel = 0>
gemma.weight @norm : tensor<64xbf16>
    from #gemma.tensor<"model.safetensors", "model.norm.weight">
    as #gemma.encoding<f32, panel = 0>

// CHECK: gemma.weight @layers.0.q_proj : tensor<64x64xf16> from #gemma.random<seed = 7, bound = 2.500000e-01 : f64> as #gemma.encoding<bf16, panel = 16>
gemma.weight @layers.0.q_proj : tensor<64x64xf16>
    from #gemma.random<seed = 7, bound = 0.25 : f64>
    as #gemma.encoding<bf16, panel = 16>

// CHECK: gemma.weight @rope.0 : tensor<288x2x8xf32> from #gemma.rope_table<base = 1.000000e+04 : f64, position_scale = 1.000000e+00 : f64, head_dim = 16, rotated = 16, positions = 8192>
gemma.weight @rope.0 : tensor<288x2x8xf32>
    from #gemma.rope_table<base = 1.0e4 : f64, position_scale = 1.0 : f64,
                           head_dim = 16, rotated = 16, positions = 8192>
