// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

func.func @main() {
  %x = arith.constant dense<1.0> : tensor<2x4xf32>
  %positions = arith.constant dense<0> : tensor<3xi32>
  // expected-error @+1 {{expected 2 rows, found 3}}
  %y = gemma.rope(%x, %positions) {head_dim = 4 : i64, rotated = 4 : i64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (tensor<2x4xf32>, tensor<3xi32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @main() {
  %x = arith.constant dense<1.0> : tensor<2x4xf32>
  %rows = arith.constant dense<0> : tensor<3xi32>
  // expected-error @+1 {{expected 2 rows, found 3}}
  %y = gemma.select_rows(%x, %rows)
      : (tensor<2x4xf32>, tensor<3xi32>) -> tensor<2x4xf32>
  return
}

// -----

memref.global constant @x : memref<2x4xf32> = dense<1.0>
func.func @main() {
  %x = memref.get_global @x : memref<2x4xf32>
  %out = memref.alloc() : memref<3x4xf32>
  %x3 = memref.cast %x : memref<2x4xf32> to memref<?x4xf32>
  %rows = arith.constant 3 : index
  // expected-error @+1 {{expected 3 rows, found 2}}
  gemma.softcap(%x3) into(%out) rows(%rows) {cap = 1.0 : f64}
      : (memref<?x4xf32>, memref<3x4xf32>, index) -> ()
  return
}

// -----

memref.global constant @x : memref<2x4xf32> = dense<1.0>
func.func @main() {
  %x = memref.get_global @x : memref<2x4xf32>
  %out = memref.alloc() : memref<2x4xf32>
  %rows = arith.constant -1 : index
  // expected-error @+1 {{expected 0 or more rows, found -1}}
  gemma.softcap(%x) into(%out) rows(%rows) {cap = 1.0 : f64}
      : (memref<2x4xf32>, memref<2x4xf32>, index) -> ()
  return
}
