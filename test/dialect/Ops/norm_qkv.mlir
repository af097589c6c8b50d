// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 32, element = bf16, window = 0>
!wq = !gemma.packed<64x64, #gemma.encoding<bf16, panel = 16>>
!wkv = !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>
!table = !gemma.packed<258x2x16, #gemma.encoding<f32, panel = 0>>

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %n: tensor<64xf32>,
    %q: tensor<64x64xf32>, %k: tensor<32x64xf32>, %v: tensor<32x64xf32>,
    %c: !cache, %p: tensor<?xi32>, %s: tensor<?xi32>) -> tensor<?x64xf32> {
  // CHECK: gemma.norm_qkv x(%{{.*}}) norm(%{{.*}}) weights(%{{.*}}, %{{.*}}, %{{.*}}) cache(%{{.*}}) at(%{{.*}}, %{{.*}}) {base = 1.000000e+04 : f64, epsilon = 1.000000e-03 : f64, position_scale = 1.000000e+00 : f64, unit_offset = true}
  %0 = gemma.norm_qkv x(%x) norm(%n) weights(%q, %k, %v) cache(%c) at(%p, %s)
      {epsilon = 1.0e-3 : f64, unit_offset = true, base = 1.0e4 : f64,
      position_scale = 1.0 : f64}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64x64xf32>, tensor<32x64xf32>,
         tensor<32x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x64xf32>
  return %0 : tensor<?x64xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<8x64xf32>, %y: memref<8x64xbf16>, %q: !wq,
    %k: !wkv, %v: !wkv, %c: !cache, %p: memref<8xi32>, %s: memref<8xi32>,
    %t: !table, %out: memref<8x64xf32>, %rows: index) {
  // CHECK: gemma.norm_qkv x(%{{.*}}) packed(%{{.*}}) weights(%{{.*}}, %{{.*}}, %{{.*}}) cache(%{{.*}}) at(%{{.*}}, %{{.*}}) table(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {
  gemma.norm_qkv x(%x) packed(%y) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) into(%out) rows(%rows) {epsilon = 1.0e-3 : f64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64}
      : (memref<8x64xf32>, memref<8x64xbf16>, !wq, !wkv, !wkv, !cache,
         memref<8xi32>, memref<8xi32>, !table, memref<8x64xf32>, index) -> ()
  return
}

// CHECK-LABEL: @k_norm
func.func @k_norm(%x: memref<8x64xf32>, %y: memref<8x64xbf16>, %q: !wq,
    %k: !wkv, %v: !wkv, %c: !cache, %p: memref<8xi32>, %s: memref<8xi32>,
    %t: !table, %n: !gemma.packed<32, #gemma.encoding<f32, panel = 0>>,
    %out: memref<8x64xf32>, %rows: index) {
  // CHECK: table(%{{.*}}) k_norm(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {base = 1.000000e+04 : f64, epsilon = 1.000000e-03 : f64, k_epsilon = 2.000000e-03 : f64, k_unit_offset = true, position_scale = 1.000000e+00 : f64}
  gemma.norm_qkv x(%x) packed(%y) weights(%q, %k, %v) cache(%c) at(%p, %s)
      table(%t) k_norm(%n) into(%out) rows(%rows) {epsilon = 1.0e-3 : f64,
      base = 1.0e4 : f64, position_scale = 1.0 : f64, k_epsilon = 2.0e-3 : f64,
      k_unit_offset = true}
      : (memref<8x64xf32>, memref<8x64xbf16>, !wq, !wkv, !wkv, !cache,
         memref<8xi32>, memref<8xi32>, !table,
         !gemma.packed<32, #gemma.encoding<f32, panel = 0>>, memref<8x64xf32>,
         index) -> ()
  return
}
