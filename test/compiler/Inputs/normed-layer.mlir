module attributes {gemma.options = {weights = "bf16", max_rows = 8 : i64, triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = ["avx512f","avx512bw","avx512vl","avx512dq","avx512bf16","fma"], stub = false}, gemma.model = {family = "gemma3", hidden = 64 : i64, layers = 1 : i64, heads = 2 : i64, kv_heads = 1 : i64, head_dim = 32 : i64, ff = 128 : i64, vocab = 250 : i64, context = 512 : i64, bos_token = 2 : i64, pad_token = 0 : i64, eos_tokens = array<i64: 1>, add_bos = true, chat_format = "", temperature = 0.0 : f64, top_k = 0 : i64, top_p = 0.0 : f64}} {
  gemma.weight @embed_tokens : tensor<250x64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @norm : tensor<64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.input_norm : tensor<64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.q_proj : tensor<64x64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.k_proj : tensor<32x64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.v_proj : tensor<32x64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.o_proj : tensor<64x64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.gate : tensor<128x64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.up : tensor<128x64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.down : tensor<64x128xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.q_norm : tensor<32xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.k_norm : tensor<32xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.weight @layers.0.post_norm : tensor<64xbf16> from #gemma.random<seed = 1, bound = 0.1 : f64>
  gemma.kv_cache @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 2>
  func.func @forward(%tokens: tensor<?xi32>, %positions: tensor<?xi32>, %slots: tensor<?xi32>, %out_rows: tensor<?xi32>) -> tensor<?x250xf32> {
    %e = gemma.weight_ref @embed_tokens : tensor<250x64xbf16>
    %x = gemma.embed(%tokens, %e) {scale = 8.0 : f64} : (tensor<?xi32>, tensor<250x64xbf16>) -> tensor<?x64xf32>
    %n0 = gemma.weight_ref @layers.0.input_norm : tensor<64xbf16>
    %y = gemma.rms_norm(%x, %n0) {epsilon = 1.0e-6 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xf32>
    %wq = gemma.weight_ref @layers.0.q_proj : tensor<64x64xbf16>
    %wk = gemma.weight_ref @layers.0.k_proj : tensor<32x64xbf16>
    %wv = gemma.weight_ref @layers.0.v_proj : tensor<32x64xbf16>
    %wo = gemma.weight_ref @layers.0.o_proj : tensor<64x64xbf16>
    %q = gemma.linear(%y, %wq) : (tensor<?x64xf32>, tensor<64x64xbf16>) -> tensor<?x64xf32>
    %k = gemma.linear(%y, %wk) : (tensor<?x64xf32>, tensor<32x64xbf16>) -> tensor<?x32xf32>
    %v = gemma.linear(%y, %wv) : (tensor<?x64xf32>, tensor<32x64xbf16>) -> tensor<?x32xf32>
    %nq = gemma.weight_ref @layers.0.q_norm : tensor<32xbf16>
    %nk = gemma.weight_ref @layers.0.k_norm : tensor<32xbf16>
    %np = gemma.weight_ref @layers.0.post_norm : tensor<64xbf16>
    %qn = gemma.rms_norm(%q, %nq) {epsilon = 1.0e-6 : f64, group_size = 32 : i64, unit_offset = true} : (tensor<?x64xf32>, tensor<32xbf16>) -> tensor<?x64xf32>
    %kn = gemma.rms_norm(%k, %nk) {epsilon = 1.0e-6 : f64, group_size = 32 : i64, unit_offset = true} : (tensor<?x32xf32>, tensor<32xbf16>) -> tensor<?x32xf32>
    %qr = gemma.rope(%qn, %positions) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %kr = gemma.rope(%kn, %positions) {head_dim = 32 : i64, rotated = 32 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64} : (tensor<?x32xf32>, tensor<?xi32>) -> tensor<?x32xf32>
    %c = gemma.kv_cache_ref @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 2>
    gemma.cache_write(%kr, %v, %c, %positions, %slots) : (tensor<?x32xf32>, tensor<?x32xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 2>, tensor<?xi32>, tensor<?xi32>) -> ()
    %a = gemma.attention(%qr, %c, %positions, %slots) {q_scale = 0.25 : f64, window = 2 : i64} : (tensor<?x64xf32>, !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 2>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
    %o = gemma.linear(%a, %wo) : (tensor<?x64xf32>, tensor<64x64xbf16>) -> tensor<?x64xf32>
    %on = gemma.rms_norm(%o, %np) {epsilon = 1.0e-6 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xf32>
    %x1 = arith.addf %x, %on : tensor<?x64xf32>
    %wg = gemma.weight_ref @layers.0.gate : tensor<128x64xbf16>
    %wu = gemma.weight_ref @layers.0.up : tensor<128x64xbf16>
    %wd = gemma.weight_ref @layers.0.down : tensor<64x128xbf16>
    %y1 = gemma.rms_norm(%x1, %n0) {epsilon = 1.0e-6 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xf32>
    %g = gemma.linear(%y1, %wg) : (tensor<?x64xf32>, tensor<128x64xbf16>) -> tensor<?x128xf32>
    %u = gemma.linear(%y1, %wu) : (tensor<?x64xf32>, tensor<128x64xbf16>) -> tensor<?x128xf32>
    %h = gemma.geglu(%g, %u) {gelu = #gemma.gelu<tanh>} : (tensor<?x128xf32>, tensor<?x128xf32>) -> tensor<?x128xf32>
    %d = gemma.linear(%h, %wd) : (tensor<?x128xf32>, tensor<64x128xbf16>) -> tensor<?x64xf32>
    %dn = gemma.rms_norm(%d, %np) {epsilon = 1.0e-6 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xf32>
    %x2 = arith.addf %x1, %dn : tensor<?x64xf32>
    %s = gemma.select_rows(%x2, %out_rows) : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %f = gemma.rms_norm(%s, %n0) {epsilon = 1.0e-6 : f64, unit_offset = true} : (tensor<?x64xf32>, tensor<64xbf16>) -> tensor<?x64xf32>
    %l = gemma.linear(%f, %e) : (tensor<?x64xf32>, tensor<250x64xbf16>) -> tensor<?x250xf32>
    return %l : tensor<?x250xf32>
  }
}
