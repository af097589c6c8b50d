// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

// CHECK-LABEL: @tensors
func.func @tensors(%k: tensor<?x16xf32>, %v: tensor<?x16xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) {
  // CHECK: gemma.cache_write(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (tensor<?x16xf32>, tensor<?x16xf32>, !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>, tensor<?xi32>, tensor<?xi32>) -> ()
  gemma.cache_write(%k, %v, %cache, %positions, %slots)
      : (tensor<?x16xf32>, tensor<?x16xf32>, !cache, tensor<?xi32>,
         tensor<?xi32>) -> ()
  return
}

// CHECK-LABEL: @buffers
func.func @buffers(%k: memref<512x16xf32>, %v: memref<512x16xf32>,
    %cache: !cache, %positions: memref<512xi32>, %slots: memref<512xi32>,
    %rows: index) {
  // CHECK: gemma.cache_write(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) rows(%{{.*}}) : (memref<512x16xf32>, memref<512x16xf32>, !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>, memref<512xi32>, memref<512xi32>, index) -> ()
  gemma.cache_write(%k, %v, %cache, %positions, %slots) rows(%rows)
      : (memref<512x16xf32>, memref<512x16xf32>, !cache, memref<512xi32>,
         memref<512xi32>, index) -> ()
  return
}
