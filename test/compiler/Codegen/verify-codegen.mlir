// RUN: gemma-opt %s --gemma-verify-codegen --verify-diagnostics --split-input-file

// expected-error @+1 {{expected a module @kernels}}
module {}

// -----

module {
  module @kernels {
    func.func private @helper()
    func.func @kernel(%rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{may not be in a kernel after phase codegen}}
      func.call @helper() : () -> ()
      return
    }
  }
}

// -----

module {
  module @kernels {
    func.func @softcap_0(%x: memref<8x16xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{may not be in a kernel after phase codegen}}
      gemma.softcap(%x) into(%x) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
      return
    }
  }
}
