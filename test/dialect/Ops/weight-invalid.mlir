// RUN: gemma-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{(C1) expected an f32, bf16 or f16 element, found 'f64'}}
gemma.weight @c1 : tensor<64xf64>

// -----

// expected-error @+1 {{(C1) expected one or more positive dimensions, found 'tensor<64x0xf32>'}}
gemma.weight @c1_empty : tensor<64x0xf32>

// -----

// expected-error @+1 {{(C1) expected one or more positive dimensions, found 'tensor<f32>'}}
gemma.weight @c1_scalar : tensor<f32>

// -----

// expected-error @+1 {{(C2) expected the rope table's shape 'tensor<288x2x8xf32>', found 'tensor<287x2x8xf32>'}}
gemma.weight @c2 : tensor<287x2x8xf32>
    from #gemma.rope_table<base = 1.0e4 : f64, position_scale = 1.0 : f64,
                           head_dim = 16, rotated = 16, positions = 8192>

// -----

// expected-error @+1 {{(C3) expected a matrix for an encoding with panels, found 'tensor<64xbf16>'}}
gemma.weight @c3 : tensor<64xbf16> as #gemma.encoding<f32, panel = 16>

// -----

// expected-error @+1 {{(C4) expected a tensor, random or rope_table source, found "model.norm.weight"}}
gemma.weight @c4 : tensor<64xbf16> from "model.norm.weight"
