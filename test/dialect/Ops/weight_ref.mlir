// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

gemma.weight @norm : tensor<64xbf16>
gemma.weight @head : tensor<256x64xbf16> as #gemma.encoding<bf16, panel = 16>

// CHECK-LABEL: @tensor
func.func @tensor() -> tensor<64xbf16> {
  // CHECK: gemma.weight_ref @norm : tensor<64xbf16>
  %w = gemma.weight_ref @norm : tensor<64xbf16>
  return %w : tensor<64xbf16>
}

// CHECK-LABEL: @packed
func.func @packed()
    -> !gemma.packed<256x64, #gemma.encoding<bf16, panel = 16>> {
  // CHECK: gemma.weight_ref @head : !gemma.packed<256x64, #gemma.encoding<bf16, panel = 16>>
  %w = gemma.weight_ref @head
      : !gemma.packed<256x64, #gemma.encoding<bf16, panel = 16>>
  return %w : !gemma.packed<256x64, #gemma.encoding<bf16, panel = 16>>
}
