// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!w = !gemma.packed<32x64, #gemma.encoding<bf16, panel = 16>>

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %n: tensor<64xf32>,
    %g: tensor<32x64xf32>, %u: tensor<32x64xf32>) -> tensor<?x32xf32> {
  // CHECK: gemma.norm_geglu x(%{{.*}}) norm(%{{.*}}) gate(%{{.*}}) up(%{{.*}}) {epsilon = 1.000000e-03 : f64, gelu = #gemma.gelu<erf>, unit_offset = true}
  %0 = gemma.norm_geglu x(%x) norm(%n) gate(%g) up(%u) {epsilon = 1.0e-3 : f64,
      unit_offset = true, gelu = #gemma.gelu<erf>}
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<32x64xf32>, tensor<32x64xf32>)
        -> tensor<?x32xf32>
  return %0 : tensor<?x32xf32>
}

// CHECK-LABEL: @packed_result
func.func @packed_result(%x: tensor<?x64xf32>, %p: tensor<?x64xbf16>, %g: !w,
    %u: !w) -> tensor<?x80xi8> {
  // CHECK: gemma.norm_geglu x(%{{.*}}) packed(%{{.*}}) gate(%{{.*}}) up(%{{.*}}) {{{.*}}kind = #gemma.kind<q8_0>} {{.*}} -> tensor<?x80xi8>
  %0 = gemma.norm_geglu x(%x) packed(%p) gate(%g) up(%u)
      {epsilon = 1.0e-3 : f64, gelu = #gemma.gelu<tanh>,
      kind = #gemma.kind<q8_0>}
      : (tensor<?x64xf32>, tensor<?x64xbf16>, !w, !w) -> tensor<?x80xi8>
  return %0 : tensor<?x80xi8>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<8x64xf32>, %p: memref<8x64xbf16>, %g: !w, %u: !w,
    %out: memref<8x32xf32>, %rows: index) {
  // CHECK: gemma.norm_geglu x(%{{.*}}) packed(%{{.*}}) gate(%{{.*}}) up(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {
  gemma.norm_geglu x(%x) packed(%p) gate(%g) up(%u) into(%out) rows(%rows)
      {epsilon = 1.0e-3 : f64, gelu = #gemma.gelu<tanh>}
      : (memref<8x64xf32>, memref<8x64xbf16>, !w, !w, memref<8x32xf32>, index)
        -> ()
  return
}
