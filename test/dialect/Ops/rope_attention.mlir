// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>
!table = !gemma.packed<258x2x16, #gemma.encoding<f32, panel = 0>>

// CHECK-LABEL: @tensors
func.func @tensors(%q: tensor<?x64xf32>, %c: !cache, %p: tensor<?xi32>,
    %s: tensor<?xi32>) -> tensor<?x64xf32> {
  // CHECK: gemma.rope_attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {base = 1.000000e+04 : f64, position_scale = 1.000000e+00 : f64, q_scale = 2.500000e-01 : f64, softcap = 3.000000e+01 : f64, window = 4 : i64}
  %0 = gemma.rope_attention(%q, %c, %p, %s) {q_scale = 0.25 : f64,
      softcap = 30.0 : f64, window = 4 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// CHECK-LABEL: @packed_result
func.func @packed_result(%q: tensor<?x64xf32>, %c: !cache, %p: tensor<?xi32>,
    %s: tensor<?xi32>, %t: !table) -> tensor<?x80xi8> {
  // CHECK: gemma.rope_attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {{{.*}}kind = #gemma.kind<q4_0>{{.*}} -> tensor<?x80xi8>
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) {q_scale = 0.25 : f64,
      window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64,
      kind = #gemma.kind<q4_0>}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, !table)
        -> tensor<?x80xi8>
  return %0 : tensor<?x80xi8>
}

// CHECK-LABEL: @buffers
func.func @buffers(%q: memref<8x64xf32>, %c: !cache, %p: memref<8xi32>,
    %s: memref<8xi32>, %t: !table, %parts: memref<8x600xf32>,
    %out: memref<8x64xbf16>, %rows: index) {
  // CHECK: gemma.rope_attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) partials(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {
  gemma.rope_attention(%q, %c, %p, %s, %t) partials(%parts) into(%out)
      rows(%rows) {q_scale = 0.25 : f64, window = 0 : i64, base = 1.0e4 : f64,
      position_scale = 1.0 : f64, kind = #gemma.kind<bf16>}
      : (memref<8x64xf32>, !cache, memref<8xi32>, memref<8xi32>, !table,
         memref<8x600xf32>, memref<8x64xbf16>, index) -> ()
  return
}

// CHECK-LABEL: @q_norm
func.func @q_norm(%q: tensor<?x64xf32>, %c: !cache, %p: tensor<?xi32>,
    %s: tensor<?xi32>, %t: !table, %n: tensor<32xf32>) -> tensor<?x64xf32> {
  // CHECK: gemma.rope_attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) q_norm(%{{.*}}) {base = 1.000000e+04 : f64, position_scale = 1.000000e+00 : f64, q_epsilon = 1.000000e-03 : f64, q_scale = 2.500000e-01 : f64, q_unit_offset = true, window = 0 : i64}
  %0 = gemma.rope_attention(%q, %c, %p, %s, %t) q_norm(%n) {q_scale = 0.25 : f64,
      window = 0 : i64, base = 1.0e4 : f64, position_scale = 1.0 : f64,
      q_epsilon = 1.0e-3 : f64, q_unit_offset = true}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>, !table,
         tensor<32xf32>) -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}
