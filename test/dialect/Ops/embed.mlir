// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%tokens: tensor<?xi32>, %table: tensor<256x64xbf16>)
    -> tensor<?x64xf32> {
  // CHECK: gemma.embed(%{{.*}}, %{{.*}}) {scale = 8.000000e+00 : f64} : (tensor<?xi32>, tensor<256x64xbf16>) -> tensor<?x64xf32>
  %x = gemma.embed(%tokens, %table) {scale = 8.0 : f64}
      : (tensor<?xi32>, tensor<256x64xbf16>) -> tensor<?x64xf32>
  return %x : tensor<?x64xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%tokens: memref<512xi32>,
    %table: !gemma.packed<256x64, #gemma.encoding<bf16, panel = 16>>,
    %out: memref<512x64xf32>, %rows: index) {
  // CHECK: gemma.embed(%{{.*}}, %{{.*}}) into(%{{.*}}) rows(%{{.*}}) {scale = 8.000000e+00 : f64} : (memref<512xi32>, !gemma.packed<256x64, #gemma.encoding<bf16, panel = 16>>, memref<512x64xf32>, index) -> ()
  gemma.embed(%tokens, %table) into(%out) rows(%rows) {scale = 8.0 : f64}
      : (memref<512xi32>,
         !gemma.packed<256x64, #gemma.encoding<bf16, panel = 16>>,
         memref<512x64xf32>, index) -> ()
  return
}
