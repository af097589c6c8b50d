// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x40xf32>, %w: tensor<40xbf16>)
    -> (tensor<?x80xi8>, tensor<?x40xbf16>, tensor<?x40xf32>, tensor<?x40xf32>) {
  // K is rounded up to 64; two blocks of 32 have 8 bytes each.
  // CHECK: gemma.pack_rows(%{{.*}}, %{{.*}}) {kind = #gemma.kind<q4_0>, unit_offset = true} : (tensor<?x40xf32>, tensor<40xbf16>) -> tensor<?x80xi8>
  %0 = gemma.pack_rows(%x, %w) {kind = #gemma.kind<q4_0>, unit_offset = true}
      : (tensor<?x40xf32>, tensor<40xbf16>) -> tensor<?x80xi8>
  // CHECK: gemma.pack_rows(%{{.*}}) {kind = #gemma.kind<bf16>} :
  %1 = gemma.pack_rows(%x) {kind = #gemma.kind<bf16>}
      : (tensor<?x40xf32>) -> tensor<?x40xbf16>
  // CHECK: gemma.pack_rows(%{{.*}}, %{{.*}}) {kind = #gemma.kind<f32>} :
  %2 = gemma.pack_rows(%x, %w) {kind = #gemma.kind<f32>}
      : (tensor<?x40xf32>, tensor<40xbf16>) -> tensor<?x40xf32>
  // CHECK: gemma.pack_rows(%{{.*}}, %{{.*}}) {kind = #gemma.kind<f16>} :
  %3 = gemma.pack_rows(%x, %w) {kind = #gemma.kind<f16>}
      : (tensor<?x40xf32>, tensor<40xbf16>) -> tensor<?x40xf32>
  return %0, %1, %2, %3 : tensor<?x80xi8>, tensor<?x40xbf16>, tensor<?x40xf32>,
      tensor<?x40xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<8x64xf32>, %out: memref<8x80xi8>, %rows: index) {
  // CHECK: gemma.pack_rows(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {kind = #gemma.kind<q8_0>} :
  gemma.pack_rows(%x) into(%out) rows(%rows) {kind = #gemma.kind<q8_0>}
      : (memref<8x64xf32>, memref<8x80xi8>, index) -> ()
  return
}
