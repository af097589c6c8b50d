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
    func.func @softcap_0(%x: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      gemma.softcap(%x) into(%x) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      gemma.softcap(%x) into(%x) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      return
    }
  }
  func.func @forward(%x: memref<8x16xf32>, %m: index) {
    gemma.dispatch @kernels::@softcap_0(%x) rows(%m) {tiles = 1 : i64, row_tile = 1 : i64, writes = array<i64: 0>, fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64, key_bytes = 0 : i64, key_operations = 0 : i64} : memref<8x16xf32>
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
