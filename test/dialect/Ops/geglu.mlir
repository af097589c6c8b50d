// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%gate: tensor<?x64xf32>, %up: tensor<?x64xf32>)
    -> tensor<?x64xbf16> {
  // CHECK: gemma.geglu(%{{.*}}, %{{.*}}) {gelu = #gemma.gelu<tanh>} : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xbf16>
  %h = gemma.geglu(%gate, %up) {gelu = #gemma.gelu<tanh>}
      : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xbf16>
  return %h : tensor<?x64xbf16>
}

// CHECK-LABEL: @buffers
func.func @buffers(%gate: memref<512x64xf32>, %up: memref<512x64xf32>,
    %out: memref<512x64xf32>, %rows: index) {
  // CHECK: gemma.geglu(%{{.*}}, %{{.*}}) into(%{{.*}}) rows(%{{.*}}) {gelu = #gemma.gelu<erf>} : (memref<512x64xf32>, memref<512x64xf32>, memref<512x64xf32>, index) -> ()
  gemma.geglu(%gate, %up) into(%out) rows(%rows) {gelu = #gemma.gelu<erf>}
      : (memref<512x64xf32>, memref<512x64xf32>, memref<512x64xf32>, index)
        -> ()
  return
}
