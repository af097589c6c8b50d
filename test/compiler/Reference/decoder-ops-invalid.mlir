// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

func.func @main() {
  %table = arith.constant dense<1.0> : tensor<4x2xf32>
  %tokens = arith.constant dense<[0, -1]> : tensor<2xi32>
  // expected-error @+1 {{expected tokens below 4, found -1}}
  %x = gemma.embed(%tokens, %table) {scale = 1.0 : f64}
      : (tensor<2xi32>, tensor<4x2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @main() {
  %x = arith.constant dense<1.0> : tensor<2x4xf32>
  %rows = arith.constant dense<2> : tensor<1xi32>
  // expected-error @+1 {{expected row numbers below 2, found 2}}
  %y = gemma.select_rows(%x, %rows)
      : (tensor<2x4xf32>, tensor<1xi32>) -> tensor<1x4xf32>
  return
}

// -----

func.func @main() {
  %x = arith.constant dense<1.0> : tensor<1x4xf32>
  %positions = arith.constant dense<-5> : tensor<1xi32>
  // expected-error @+1 {{expected positions of 0 or more, found -5}}
  %y = gemma.rope(%x, %positions) {head_dim = 4 : i64, rotated = 4 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<1x4xf32>, tensor<1xi32>) -> tensor<1x4xf32>
  return
}

// -----

gemma.weight @rope.0 : tensor<258x2x2xf32>
    from #gemma.rope_table<base = 1.0e4 : f64, position_scale = 1.0 : f64,
                           head_dim = 4, rotated = 4, positions = 512>
func.func @main() {
  %table = gemma.weight_ref @rope.0 : tensor<258x2x2xf32>
  %x = arith.constant dense<1.0> : tensor<1x4xf32>
  %positions = arith.constant dense<512> : tensor<1xi32>
  // expected-error @+1 {{expected positions below 512 for the table, found 512}}
  %y = gemma.rope(%x, %positions, %table) {head_dim = 4 : i64,
      rotated = 4 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<1x4xf32>, tensor<1xi32>, tensor<258x2x2xf32>)
        -> tensor<1x4xf32>
  return
}

// -----

// The table was made for another base.
gemma.weight @rope.0 : tensor<258x2x2xf32>
    from #gemma.rope_table<base = 1.0e5 : f64, position_scale = 1.0 : f64,
                           head_dim = 4, rotated = 4, positions = 512>
func.func @main() {
  %table = gemma.weight_ref @rope.0 : tensor<258x2x2xf32>
  %x = arith.constant dense<1.0> : tensor<1x4xf32>
  %positions = arith.constant dense<300> : tensor<1xi32>
  // expected-error @+1 {{for pair 1 at position 300, found}}
  %y = gemma.rope(%x, %positions, %table) {head_dim = 4 : i64,
      rotated = 4 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<1x4xf32>, tensor<1xi32>, tensor<258x2x2xf32>)
        -> tensor<1x4xf32>
  return
}

// -----

!weight = !gemma.packed<2x2, #gemma.encoding<f32, panel = 16>>
gemma.weight @w : tensor<2x2xf32>
    from #gemma.random<seed = 1, bound = 1.0 : f64>
    as #gemma.encoding<f32, panel = 16>
func.func @main() {
  %w = gemma.weight_ref @w : !weight
  %x = memref.alloc() : memref<1x2xf32>
  %rows = arith.constant 1 : index
  // expected-error @+1 {{writes the rows that it reads}}
  gemma.linear(%x, %w) into(%x) rows(%rows)
      : (memref<1x2xf32>, !weight, memref<1x2xf32>, index) -> ()
  return
}

// -----

memref.global constant @indices : memref<1xi32> = dense<0>
func.func @main() {
  %indices = memref.get_global @indices : memref<1xi32>
  %x = memref.alloc() : memref<1x2xf32>
  %rows = arith.constant 1 : index
  // expected-error @+1 {{writes the rows that it reads}}
  gemma.select_rows(%x, %indices) into(%x) rows(%rows)
      : (memref<1x2xf32>, memref<1xi32>, memref<1x2xf32>, index) -> ()
  return
}
