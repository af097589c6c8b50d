// RUN: gemma-opt %s --split-input-file --gemma-wrap-kernels --verify-diagnostics

module {
  module @kernels {
    // expected-error @+1 {{kernel: expected rows, begin and end as its last arguments}}
    llvm.func @no_range(%x: !llvm.ptr, %rows: i64) {
      llvm.return
    }
  }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{kernel: expected argument 0 to be a buffer, found 'i64'}}
    llvm.func @unmarked_index(%x: i64, %rows: i64, %begin: i64, %end: i64) {
      llvm.return
    }
  }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{kernel: expected argument 0 to be an index, found '!llvm.ptr'}}
    llvm.func @capacity_is_a_buffer(%x: !llvm.ptr {gemma.capacity}, %rows: i64, %begin: i64, %end: i64) {
      llvm.return
    }
  }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{kernel: expected at most one KV cache, found 2}}
    llvm.func @two_caches(%x: i64 {gemma.capacity}, %y: i64 {gemma.capacity}, %rows: i64, %begin: i64, %end: i64) {
      llvm.return
    }
  }
}
