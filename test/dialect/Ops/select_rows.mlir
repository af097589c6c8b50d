// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %indices: tensor<?xi32>)
    -> tensor<?x64xf32> {
  // CHECK: gemma.select_rows(%{{.*}}, %{{.*}}) : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  %y = gemma.select_rows(%x, %indices)
      : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<512x64xf32>, %indices: memref<512xi32>,
    %out: memref<512x64xf32>, %rows: index) {
  // CHECK: gemma.select_rows(%{{.*}}, %{{.*}}) into(%{{.*}}) rows(%{{.*}}) : (memref<512x64xf32>, memref<512xi32>, memref<512x64xf32>, index) -> ()
  gemma.select_rows(%x, %indices) into(%out) rows(%rows)
      : (memref<512x64xf32>, memref<512xi32>, memref<512x64xf32>, index) -> ()
  return
}
