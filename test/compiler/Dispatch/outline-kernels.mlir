// RUN: gemma-opt %s --gemma-outline-kernels --split-input-file | FileCheck %s

// Two ops that differ in their buffers share a kernel, another cap does not.
// CHECK-LABEL: module @kernels
// CHECK: func.func @softcap_0(%[[X:.*]]: memref<8x16xf32>, %[[Y:.*]]: memref<8x16xf32>, %[[ROWS:.*]]: index, %{{.*}}: index, %{{.*}}: index) {
// CHECK-NEXT: gemma.softcap(%[[X]]) into(%[[Y]]) rows(%[[ROWS]]) {cap = 1.000000e+00 : f64}
// CHECK-NEXT: return
// CHECK: func.func @softcap_1
// CHECK-NEXT: gemma.softcap({{.*}}cap = 2.000000e+00 : f64
// CHECK: func.func @elementwise_addf_0(%[[A:[^:]*]]: memref<8x16xf32>, %[[B:[^:]*]]: memref<8x16xf32>, %[[C:[^:]*]]: memref<8x16xf32>, %[[N:[^:]*]]: index
// CHECK-NEXT: memref.subview %[[A]][0, 0] [%[[N]], 16]
// CHECK-NEXT: memref.subview %[[B]][0, 0] [%[[N]], 16]
// CHECK-NEXT: memref.subview %[[C]][0, 0] [%[[N]], 16]
// CHECK-NEXT: linalg.generic
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[IN:.*]]: memref<8x16xf32>, %[[OUT:.*]]: memref<8x16xf32>, %[[M:.*]]: index, %[[P:.*]]: index)
// CHECK-NEXT: gemma.dispatch @kernels::@softcap_0(%[[IN]], %[[OUT]]) rows(%[[M]]) {{.*}} writes = array<i64: 1>
// CHECK-NEXT: gemma.dispatch @kernels::@softcap_0(%[[OUT]], %[[IN]]) rows(%[[P]])
// CHECK-NEXT: gemma.dispatch @kernels::@softcap_1(%[[IN]], %[[OUT]]) rows(%[[M]])
// CHECK-NEXT: gemma.dispatch @kernels::@elementwise_addf_0(%[[IN]], %[[OUT]], %[[OUT]]) rows(%[[M]]) {{.*}} writes = array<i64: 2>
// CHECK-NEXT: return
#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %m: index, %p: index) {
  gemma.softcap(%x) into(%y) rows(%m) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  gemma.softcap(%y) into(%x) rows(%p) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  gemma.softcap(%x) into(%y) rows(%m) {cap = 2.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  %a = memref.subview %x[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %b = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %c = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x16xf32, strided<[16, 1]>>, memref<?x16xf32, strided<[16, 1]>>)
      outs(%c : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %in2: f32, %old: f32):
    %0 = arith.addf %in, %in2 : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// A cache is written by cache_write, read by attention.
!c = !gemma.kv_cache<heads = 1, head_dim = 16, element = f32, window = 0>
gemma.kv_cache @kv.0 : !c
// CHECK-LABEL: func.func @forward
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %i: memref<8xi32>, %m: index, %p: index) {
  // CHECK: %[[C:.*]] = gemma.kv_cache_ref @kv.0
  %c = gemma.kv_cache_ref @kv.0 : !c
  // CHECK: gemma.dispatch @kernels::@cache_write_0(%{{.*}}, %{{.*}}, %[[C]], %{{.*}}) {{.*}} writes = array<i64: 2>
  gemma.cache_write(%x, %x, %c, %i, %i) rows(%m) : (memref<8x16xf32>, memref<8x16xf32>, !c, memref<8xi32>, memref<8xi32>, index) -> ()
  // CHECK: gemma.dispatch @kernels::@attention_0(%{{.*}}, %[[C]], %{{.*}}) {{.*}} writes = array<i64: 4>
  gemma.attention(%x, %c, %i, %i) into(%y) rows(%m) {q_scale = 1.0 : f64, window = 0 : i64} : (memref<8x16xf32>, !c, memref<8xi32>, memref<8xi32>, memref<8x16xf32>, index) -> ()
  return
}

// -----

// Passes may have made the views of a buffer one.
#id = affine_map<(d0, d1) -> (d0, d1)>
// CHECK: func.func @elementwise_mulf_0(%[[A:.*]]: memref<8x16xf32>, %[[B:.*]]: memref<8x16xf32>, %[[C:.*]]: memref<8x16xf32>,
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[X:.*]]: memref<8x16xf32>, %[[Y:.*]]: memref<8x16xf32>
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %m: index, %p: index) {
  // CHECK-NEXT: gemma.dispatch @kernels::@elementwise_mulf_0(%[[X]], %[[X]], %[[Y]])
  // CHECK-NEXT: return
  %a = memref.subview %x[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %b = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %a : memref<?x16xf32, strided<[16, 1]>>, memref<?x16xf32, strided<[16, 1]>>) outs(%b : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %0 = arith.mulf %in, %in_0 : f32
    linalg.yield %0 : f32
  }
  return
}
