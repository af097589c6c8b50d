// RUN: gemma-opt %s --split-input-file --gemma-split-attention | FileCheck %s

// Partials for as many rows as are computed piece by piece: of 512 rows 8, each
// with 1 key head, 16 pieces, 4 query heads and 32 columns. A second pass finds
// nothing to split.
// RUN: gemma-opt %s --split-input-file --gemma-split-attention --gemma-split-attention | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

gemma.kv_cache @kv.0 : !cache
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[Q:[^:]*]]: memref<512x64xf32>, %[[I:[^:]*]]: memref<512xi32>, %[[OUT:[^:]*]]: memref<512x64xbf16>, %[[ROWS:[^:]*]]: index
func.func @forward(%q: memref<512x64xf32>, %i: memref<512xi32>, %out: memref<512x64xbf16>, %rows: index) {
  // CHECK: %[[C:.*]] = gemma.kv_cache_ref
  %c = gemma.kv_cache_ref @kv.0 : !cache
  // CHECK: %[[P:.*]] = memref.alloc() : memref<512x32xf32>
  // CHECK-NEXT: gemma.attention(%[[Q]], %[[C]], %[[I]], %[[I]]) partials(%[[P]]) into(%[[OUT]]) rows(%[[ROWS]]) {q_scale = 1.000000e+00 : f64, window = 0 : i64}
  // CHECK-NEXT: gemma.attention(%[[Q]], %[[C]], %[[I]], %[[I]]) partials(%[[P]]) into(%[[OUT]]) rows(%[[ROWS]]) {combine, q_scale = 1.000000e+00 : f64, window = 0 : i64}
  gemma.attention(%q, %c, %i, %i) into(%out) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<512x64xf32>, !cache, memref<512xi32>, memref<512xi32>, memref<512x64xbf16>, index) -> ()
  // CHECK-NEXT: return
  return
}

// -----

// A forward of 2 rows; the context says that there are 2 pieces.
!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = f32, window = 0>

module attributes {gemma.model = {family = "gemma", hidden = 32 : i64, layers = 1 : i64, heads = 1 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, ff = 8 : i64, vocab = 8 : i64, context = 600 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 1.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}} {
  gemma.kv_cache @kv.0 : !cache
  // CHECK-LABEL: func.func @forward
  func.func @forward(%q: memref<2x32xf32>, %i: memref<2xi32>, %rows: index) {
    %c = gemma.kv_cache_ref @kv.0 : !cache
    // CHECK: memref.alloc() : memref<2x96xf32>
    // CHECK: gemma.rope_attention{{.*}} partials
    // CHECK: gemma.rope_attention{{.*}} partials{{.*}}combine
    gemma.rope_attention(%q, %c, %i, %i) into(%q) rows(%rows) {q_scale = 1.0 : f64, window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (memref<2x32xf32>, !cache, memref<2xi32>, memref<2xi32>, memref<2x32xf32>, index) -> ()
    return
  }
}
