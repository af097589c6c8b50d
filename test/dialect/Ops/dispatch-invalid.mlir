// RUN: gemma-opt %s --split-input-file --verify-diagnostics

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x64xf32>, index, index, index)
}
func.func @c1_no_symbol(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C1) expected a function named @kernels::@other}}
  gemma.dispatch @kernels::@other(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  gemma.weight @k : tensor<64xf32>
}
func.func @c1_other_op(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C1) expected a function named @kernels::@k}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x32xf32>, index, index, index)
}
func.func @c1_type(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C1) expected @kernels::@k to take 'memref<8x64xf32>' for buffer 1}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x64xf32>, index, index)
}
func.func @c1_too_few(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C1) expected three indices after the buffers of @kernels::@k}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k()
}
func.func @c1_no_arguments(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C1) expected @kernels::@k to take 'memref<8x64xf32>' for buffer 0}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x64xf32>, index, index, index)
}
func.func @c2_tiles(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C2) expected positive tiles, found 0}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 0 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x64xf32>, index, index, index)
}
func.func @c2_row_tile(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C2) expected a row_tile and a cost of 0 or more, found -1}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = -1 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x64xf32>, index, index, index)
}
func.func @c2_cost(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C2) expected a row_tile and a cost of 0 or more, found -8}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = -8 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x64xf32>, index, index, index)
}
func.func @c3_range(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C3) expected ascending operand numbers below 2, found array<i64: 2>}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 2>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}

// -----

module @kernels {
  func.func private @k(memref<8x64xf32>, memref<8x64xf32>, index, index, index)
}
func.func @c3_order(%x: memref<8x64xf32>, %out: memref<8x64xf32>, %rows: index) {
  // expected-error @+1 {{(C3) expected ascending operand numbers below 2, found array<i64: 1, 0>}}
  gemma.dispatch @kernels::@k(%x, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 1, 0>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64,
       row_operations = 0 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<8x64xf32>, memref<8x64xf32>
  return
}
