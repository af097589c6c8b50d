// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // CHECK: gemma.softcap(%{{.*}}) {cap = 3.000000e+01 : f64} : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = gemma.softcap(%x) {cap = 30.0 : f64}
      : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<512x64xf32>, %out: memref<512x64xf32>,
    %rows: index) {
  // CHECK: gemma.softcap(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {cap = 3.000000e+01 : f64} : (memref<512x64xf32>, memref<512x64xf32>, index) -> ()
  gemma.softcap(%x) into(%out) rows(%rows) {cap = 30.0 : f64}
      : (memref<512x64xf32>, memref<512x64xf32>, index) -> ()
  return
}
