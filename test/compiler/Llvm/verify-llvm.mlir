// RUN: gemma-opt %s --split-input-file --gemma-verify-llvm --verify-diagnostics

module {
  module @kernels {
    llvm.func @k(%p: !llvm.ptr, %s: !llvm.ptr, %begin: i64, %end: i64) {
      llvm.return
    }
  }
}

// -----

// expected-error @+1 {{no module @kernels after phase llvm}}
module {
}

// -----

module {
  module @kernels {
    llvm.func internal @body() {
      // expected-error @+1 {{'arith.constant' op left in a kernel after phase llvm}}
      %0 = arith.constant 1 : i32
      llvm.return
    }
  }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{external symbol 'expf' needed by a kernel}}
    llvm.func @expf(f32) -> f32
  }
}

// -----

module {
  module @kernels {
    llvm.func internal @body(%f: !llvm.ptr) {
      // expected-error @+1 {{indirect call in a kernel}}
      llvm.call %f() : !llvm.ptr, () -> ()
      llvm.return
    }
  }
}

// -----

module {
  module @kernels {
    llvm.func internal @body(%x: f32) {
      // expected-error @+1 {{needs a library, which a kernel has not}}
      %0 = llvm.intr.exp(%x) : (f32) -> f32
      llvm.return
    }
  }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{kernel: expected type void (ptr, ptr, i64, i64)}}
    llvm.func @k(%p: !llvm.ptr) {
      llvm.return
    }
  }
}

// -----

module {
  module @kernels {
    // expected-error @+1 {{'func.func' op left in a kernel after phase llvm}}
    func.func @k(%x: memref<4xf32>, %rows: index, %begin: index, %end: index) {
      return
    }
  }
}

// -----

module {
  module @kernels {
    llvm.func @k(%p: !llvm.ptr, %s: !llvm.ptr, %begin: i64, %end: i64) {
      %x = llvm.load %p : !llvm.ptr -> f32
      // expected-error @+1 {{needs a library, which a kernel has not}}
      %y = llvm.frem %x, %x : f32
      llvm.store %y, %p : f32, !llvm.ptr
      llvm.return
    }
  }
}
