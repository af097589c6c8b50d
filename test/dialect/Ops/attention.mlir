// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

// CHECK-LABEL: @tensors
func.func @tensors(%q: tensor<?x64xf32>, %cache: !cache,
    %positions: tensor<?xi32>, %slots: tensor<?xi32>) -> tensor<?x64xf32> {
  // CHECK: gemma.attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) {q_scale = 2.500000e-01 : f64, softcap = 5.000000e+01 : f64, window = 32 : i64} : (tensor<?x64xf32>, !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x64xf32>
  %o = gemma.attention(%q, %cache, %positions, %slots)
      {q_scale = 0.25 : f64, softcap = 50.0 : f64, window = 32 : i64}
      : (tensor<?x64xf32>, !cache, tensor<?xi32>, tensor<?xi32>)
        -> tensor<?x64xf32>
  return %o : tensor<?x64xf32>
}

// CHECK-LABEL: @buffers
func.func @buffers(%q: memref<512x64xf32>, %cache: !cache,
    %positions: memref<512xi32>, %slots: memref<512xi32>,
    %out: memref<512x64xbf16>, %rows: index) {
  // CHECK: gemma.attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) into(%{{.*}}) rows(%{{.*}}) {q_scale = 2.500000e-01 : f64, window = 0 : i64} : (memref<512x64xf32>, !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>, memref<512xi32>, memref<512xi32>, memref<512x64xbf16>, index) -> ()
  gemma.attention(%q, %cache, %positions, %slots) into(%out) rows(%rows)
      {q_scale = 0.25 : f64, window = 0 : i64}
      : (memref<512x64xf32>, !cache, memref<512xi32>, memref<512xi32>,
         memref<512x64xbf16>, index) -> ()
  return
}

// CHECK-LABEL: @partials
func.func @partials(%q: memref<512x64xf32>, %cache: !cache,
    %positions: memref<512xi32>, %slots: memref<512xi32>,
    %partials: memref<512x100xf32>, %out: memref<512x64xf32>, %rows: index) {
  // CHECK: gemma.attention(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) partials(%{{.*}}) into(%{{.*}}) rows(%{{.*}}) {combine, q_scale = 2.500000e-01 : f64, window = 0 : i64}
  gemma.attention(%q, %cache, %positions, %slots) partials(%partials)
      into(%out) rows(%rows) {combine, q_scale = 0.25 : f64, window = 0 : i64}
      : (memref<512x64xf32>, !cache, memref<512xi32>, memref<512xi32>,
         memref<512x100xf32>, memref<512x64xf32>, index) -> ()
  return
}
