// RUN: gemma-opt %s --gemma-lower-kernels-to-cpu --split-input-file --verify-diagnostics

module {
  module @kernels {
    func.func @lm_head_0(%x: memref<8x64xf32>, %of: memref<8xi32>, %w: !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, %y: memref<8x32xf32>, %rows: index, %begin: index, %end: index) {
      // expected-error @+1 {{expected packed rows, found none}}
      gemma.lm_head x(%x) of(%of) weight(%w) into(%y) rows(%rows) {epsilon = 1.0e-6 : f64} : (memref<8x64xf32>, memref<8xi32>, !gemma.packed<32x64, #gemma.encoding<f32, panel = 16>>, memref<8x32xf32>, index) -> ()
      return
    }
  }
}
