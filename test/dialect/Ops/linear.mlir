// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK-LABEL: @tensors
func.func @tensors(%x: tensor<?x64xf32>, %w: tensor<128x64xbf16>)
    -> tensor<?x128xf32> {
  // CHECK: gemma.linear(%{{.*}}, %{{.*}}) : (tensor<?x64xf32>, tensor<128x64xbf16>) -> tensor<?x128xf32>
  %y = gemma.linear(%x, %w)
      : (tensor<?x64xf32>, tensor<128x64xbf16>) -> tensor<?x128xf32>
  return %y : tensor<?x128xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%x: memref<512x64xbf16>,
    %w: !gemma.packed<128x64, #gemma.encoding<bf16, panel = 16>>,
    %out: memref<512x128xf32>, %rows: index) {
  // CHECK: gemma.linear(%{{.*}}, %{{.*}}) into(%{{.*}}) rows(%{{.*}}) : (memref<512x64xbf16>, !gemma.packed<128x64, #gemma.encoding<bf16, panel = 16>>, memref<512x128xf32>, index) -> ()
  gemma.linear(%x, %w) into(%out) rows(%rows)
      : (memref<512x64xbf16>,
         !gemma.packed<128x64, #gemma.encoding<bf16, panel = 16>>,
         memref<512x128xf32>, index) -> ()
  return
}
