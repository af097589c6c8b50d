//===- TestingProgram.h - A small program to emit, for tests ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TEST_COMPILER_EMIT_TESTINGPROGRAM_H
#define GEMMA_TEST_COMPILER_EMIT_TESTINGPROGRAM_H

#include <string>

namespace mlir::gemma::testing {

/// Three dispatches with every kind of binding; its kernels do nothing.
inline std::string getProgram(bool stub) {
  std::string text = R"mlir(
module attributes {
    gemma.model = {family = "gemma", hidden = 32 : i64, layers = 1 : i64,
      heads = 2 : i64, kv_heads = 1 : i64, head_dim = 16 : i64, ff = 64 : i64,
      vocab = 40 : i64, context = 64 : i64, bos_token = 2 : i64,
      pad_token = -1 : i64, eos_tokens = array<i64: 1, 3>, add_bos = true,
      chat_format = "gemma", temperature = 0.5 : f64, top_k = 7 : i64,
      top_p = 0.25 : f64},
    gemma.options = {weights = "f32", max_rows = 8 : i64,
      triple = "x86_64-unknown-linux-gnu", cpu = "x86-64", features = ["sse3"],
      stub = STUB}} {
  gemma.weight @unused : tensor<3xf32> from #gemma.random<seed = 5, bound = 1.0 : f64>
      as #gemma.encoding<f32, panel = 0>
  gemma.weight @table : tensor<40x32xf32> from #gemma.random<seed = 5, bound = 0.5 : f64>
      as #gemma.encoding<f32, panel = 16>
  gemma.weight @rope.0 : tensor<257x2x8xf32>
      from #gemma.rope_table<base = 1.0e4 : f64, position_scale = 1.0 : f64,
                             head_dim = 16, rotated = 16, positions = 64>
      as #gemma.encoding<f32, panel = 0>
  gemma.weight @norm : tensor<32xf32> from #gemma.random<seed = 5, bound = 0.5 : f64>
      as #gemma.encoding<f32, panel = 0>
  gemma.kv_cache @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 16, element = f32, window = 0>
  module @kernels {
    llvm.func @embed_0(%p: !llvm.ptr, %s: !llvm.ptr, %b: i64, %e: i64) { llvm.return }
    llvm.func @linear_12(%p: !llvm.ptr, %s: !llvm.ptr, %b: i64, %e: i64) { llvm.return }
    llvm.func @cache_write_0(%p: !llvm.ptr, %s: !llvm.ptr, %b: i64, %e: i64) { llvm.return }
  }
  func.func @forward(%tokens: memref<8xi32>, %positions: memref<8xi32>,
      %slots: memref<8xi32>, %out_rows: memref<8xi32>, %logits: memref<8x40xf32>,
      %arena: memref<4096xi8>, %rows: index, %num_out: index) {
    %c0 = arith.constant 0 : index
    %c1024 = arith.constant 1024 : index
    %w = gemma.weight_ref @table : !gemma.packed<40x32, #gemma.encoding<f32, panel = 16>>
    %r = gemma.weight_ref @rope.0 : !gemma.packed<257x2x8, #gemma.encoding<f32, panel = 0>>
    %n = gemma.weight_ref @norm : !gemma.packed<32, #gemma.encoding<f32, panel = 0>>
    %kv = gemma.kv_cache_ref @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 16, element = f32, window = 0>
    %x = memref.view %arena[%c0][] : memref<4096xi8> to memref<8x32xf32>
    %y = memref.view %arena[%c1024][] : memref<4096xi8> to memref<8xf32>
    gemma.dispatch @kernels::@embed_0(%tokens, %w, %x, %n, %r) rows(%rows)
      {tiles = 2 : i64, row_tile = 4 : i64, writes = array<i64: 2>,
       fixed_bytes = 1 : i64, row_bytes = 2 : i64, row_operations = 3 : i64,
       key_bytes = 4 : i64, key_operations = 5 : i64}
      : memref<8xi32>, !gemma.packed<40x32, #gemma.encoding<f32, panel = 16>>,
        memref<8x32xf32>, !gemma.packed<32, #gemma.encoding<f32, panel = 0>>,
        !gemma.packed<257x2x8, #gemma.encoding<f32, panel = 0>>
    gemma.dispatch @kernels::@cache_write_0(%kv, %positions, %slots, %y) rows(%rows)
      {tiles = 1 : i64, row_tile = 0 : i64, writes = array<i64: 0, 3>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : !gemma.kv_cache<heads = 1, head_dim = 16, element = f32, window = 0>,
        memref<8xi32>, memref<8xi32>, memref<8xf32>
    gemma.dispatch @kernels::@linear_12(%out_rows, %w, %logits) rows(%num_out)
      {tiles = 3 : i64, row_tile = 0 : i64, writes = array<i64: 2>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : memref<8xi32>, !gemma.packed<40x32, #gemma.encoding<f32, panel = 16>>,
        memref<8x40xf32>
    return
  }
}
)mlir";
  text.replace(text.find("STUB"), 4, stub ? "true" : "false");
  return text;
}

} // namespace mlir::gemma::testing

#endif // GEMMA_TEST_COMPILER_EMIT_TESTINGPROGRAM_H
