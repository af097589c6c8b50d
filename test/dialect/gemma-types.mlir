// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @vector(!gemma.packed<64, #gemma.encoding<f32, panel = 0>>)
func.func private @vector(!gemma.packed<64, #gemma.encoding<f32, panel = 0>>)

// CHECK-LABEL: @matrix(!gemma.packed<2048x16384, #gemma.encoding<bf16, panel = 16>>)
func.func private @matrix(
    !gemma.packed<2048x16384, #gemma.encoding<bf16, panel = 16>>)

// CHECK-LABEL: @table(!gemma.packed<288x2x8, #gemma.encoding<f32, panel = 0>>)
func.func private @table(
    !gemma.packed<288x2x8, #gemma.encoding<f32, panel = 0>>)

// CHECK-LABEL: @global(!gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>)
func.func private @global(
    !gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = 0>)

// CHECK-LABEL: @local(!gemma.kv_cache<heads = 16, head_dim = 256, element = f32, window = 4096>)
func.func private @local(
    !gemma.kv_cache<heads = 16, head_dim = 256, element = f32, window = 4096>)
