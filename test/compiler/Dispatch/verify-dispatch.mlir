// RUN: gemma-opt %s --gemma-verify-dispatch --verify-diagnostics --split-input-file

// expected-error @+1 {{expected @forward and a module @kernels}}
module {
  func.func @forward() { return }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{is used by no dispatch}}
    func.func @softcap_0(%x: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      gemma.softcap(%x) into(%x) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      return
    }
  }
  func.func @forward() { return }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{expected one op of work, found 2}}
    func.func @softcap_0(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      gemma.softcap(%x) into(%y) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      gemma.softcap(%x) into(%y) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      return
    }
  }
  func.func @forward(%x: memref<8x16xf32>, %m: index) {
    gemma.dispatch @kernels::@softcap_0(%x, %x) rows(%m) {tiles = 1 : i64, row_tile = 1 : i64, writes = array<i64: 1>, fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64, key_bytes = 0 : i64, key_operations = 0 : i64} : memref<8x16xf32>, memref<8x16xf32>
    return
  }
}

// -----

module {
  module @kernels {
  }
  func.func @forward(%x: memref<8x16xf32>, %m: index) {
    // expected-error @+1 {{may not remain in @forward after phase dispatch}}
    gemma.softcap(%x) into(%x) rows(%m) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
    return
  }
}

// -----

module {
  // expected-error @+1 {{expected one block}}
  func.func private @forward(memref<8x16xf32>, index)
  module @kernels {
  }
}

// -----

// A kernel knows its arguments by their place.
module {
  module @kernels {
    func.func @softcap_0(%x: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected the kernel's arguments as operands, in their order}}
      gemma.softcap(%x) into(%x) rows(%end) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      return
    }
  }
  func.func @forward(%x: memref<8x16xf32>, %m: index) {
    gemma.dispatch @kernels::@softcap_0(%x) rows(%m) {tiles = 1 : i64, row_tile = 1 : i64, writes = array<i64: 0>, fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64, key_bytes = 0 : i64, key_operations = 0 : i64} : memref<8x16xf32>
    return
  }
}

// -----

// Items beyond those of the kernel would lie beyond its buffers.
module {
  module @kernels {
    func.func @softcap_0(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      gemma.softcap(%x) into(%y) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      return
    }
  }
  func.func @forward(%x: memref<8x16xf32>, %m: index) {
    // expected-error @+1 {{expected the kernel's 1 tiles and row_tile 1, found 9 and 1}}
    gemma.dispatch @kernels::@softcap_0(%x, %x) rows(%m) {tiles = 9 : i64, row_tile = 1 : i64, writes = array<i64: 1>, fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64, key_bytes = 0 : i64, key_operations = 0 : i64} : memref<8x16xf32>, memref<8x16xf32>
    return
  }
}
