// RUN: gemma-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{encoding: expected a panel of 0 or more columns, found -16}}
module attributes {a.x = #gemma.encoding<f32, panel = -16>} {}

// -----

// expected-error @+1 {{encoding: expected f32 for panel = 0, found bf16}}
module attributes {a.x = #gemma.encoding<bf16, panel = 0>} {}

// -----

// expected-error @+2 {{expected ::mlir::gemma::EncodingKind to be one of: f32, bf16, f16, q8_0, q4_0}}
// expected-error @+1 {{failed to parse Gemma_EncodingAttr parameter 'kind'}}
module attributes {a.x = #gemma.encoding<q2_0, panel = 16>} {}

// -----

// expected-error @+1 {{encoding: expected f32 for panel = 0, found q8_0}}
module attributes {a.x = #gemma.encoding<q8_0, panel = 0>} {}

// -----

// expected-error @+1 {{encoding: expected panel = 16 for q4_0, found 32}}
module attributes {a.x = #gemma.encoding<q4_0, panel = 32>} {}

// -----

// expected-error @+1 {{random: expected a finite f64 bound of 0 or more, found -1.000000e+00 : f64}}
module attributes {a.x = #gemma.random<seed = 1, bound = -1.0 : f64>} {}

// -----

// expected-error @+1 {{random: expected a finite f64 bound of 0 or more, found 1.000000e+00 : f32}}
module attributes {a.x = #gemma.random<seed = 1, bound = 1.0 : f32>} {}

// -----

// expected-error @+1 {{rope_table: expected a positive f64 base, found 0.000000e+00 : f64}}
module attributes {a.x = #gemma.rope_table<base = 0.0 : f64, position_scale = 1.0 : f64, head_dim = 16, rotated = 16, positions = 8>} {}

// -----

// expected-error @+1 {{rope_table: expected a positive f64 position_scale, found -1.000000e+00 : f64}}
module attributes {a.x = #gemma.rope_table<base = 1.0 : f64, position_scale = -1.0 : f64, head_dim = 16, rotated = 16, positions = 8>} {}

// -----

// expected-error @+1 {{rope_table: expected a positive even head_dim, found 15}}
module attributes {a.x = #gemma.rope_table<base = 1.0 : f64, position_scale = 1.0 : f64, head_dim = 15, rotated = 2, positions = 8>} {}

// -----

// expected-error @+1 {{rope_table: expected an even rotated from 2 to 16, found 18}}
module attributes {a.x = #gemma.rope_table<base = 1.0 : f64, position_scale = 1.0 : f64, head_dim = 16, rotated = 18, positions = 8>} {}

// -----

// expected-error @+1 {{rope_table: expected a positive number of positions, found 0}}
module attributes {a.x = #gemma.rope_table<base = 1.0 : f64, position_scale = 1.0 : f64, head_dim = 16, rotated = 16, positions = 0>} {}
