// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

// CHECK: gemma.kv_cache @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>
gemma.kv_cache @kv.0
    : !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

// CHECK-LABEL: @handle
func.func @handle() {
  // CHECK: gemma.kv_cache_ref @kv.0 : !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>
  %c = gemma.kv_cache_ref @kv.0
      : !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>
  return
}
