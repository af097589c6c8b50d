// RUN: gemma-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{packed: expected positive dimensions, found 0}}
func.func private @zero(!gemma.packed<0x4, #gemma.encoding<f32, panel = 0>>)

// -----

// expected-error @+2 {{packed: expected at least one dimension, found none}}
func.func private @no_dimension(
    !gemma.packed<, #gemma.encoding<f32, panel = 0>>)

// -----

// expected-error @+2 {{packed: expected a matrix for an encoding with panels, found 1 dimensions}}
func.func private @vector_in_panels(
    !gemma.packed<64, #gemma.encoding<f32, panel = 16>>)

// -----

func.func private @dynamic(
    // expected-error @+1 {{expected static shape}}
    !gemma.packed<?x4, #gemma.encoding<f32, panel = 0>>)

// -----

func.func private @heads(
    // expected-error @+1 {{kv_cache: expected positive heads, found 0}}
    !gemma.kv_cache<heads = 0, head_dim = 256, element = bf16, window = 0>)

// -----

func.func private @head_dim(
    // expected-error @+1 {{kv_cache: expected a positive head_dim, found -1}}
    !gemma.kv_cache<heads = 1, head_dim = -1, element = bf16, window = 0>)

// -----

func.func private @element(
    // expected-error @+1 {{kv_cache: expected an f32, bf16 or i8 element, found 'f16'}}
    !gemma.kv_cache<heads = 1, head_dim = 256, element = f16, window = 0>)

// -----

func.func private @window(
    // expected-error @+1 {{kv_cache: expected a window of 0 or more, found -1}}
    !gemma.kv_cache<heads = 1, head_dim = 256, element = bf16, window = -1>)

// -----

// 2^62 * 4 columns would wrap to none.
func.func private @columns(
    // expected-error @+1 {{kv_cache: expected heads * head_dim of at most 2147483647, found 4611686018427387904 * 4}}
    !gemma.kv_cache<heads = 4611686018427387904, head_dim = 4, element = bf16, window = 0>)
