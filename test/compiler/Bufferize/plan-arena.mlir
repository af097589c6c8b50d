// RUN: gemma-opt %s --gemma-plan-arena --split-input-file | FileCheck %s

// A chain of three buffers needs room for two: the third takes the place of
// the first, whose last reader is the op that writes the second.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[ARENA:[^:]*]]: memref<1024xi8>, %{{[^:]*}}: index, %{{[^:]*}}: index)
// CHECK: %[[O0:.*]] = arith.constant 0 : index
// CHECK: %[[A:.*]] = memref.view %[[ARENA]][%[[O0]]][]
// CHECK: %[[O1:.*]] = arith.constant 512 : index
// CHECK: %[[B:.*]] = memref.view %[[ARENA]][%[[O1]]][]
// CHECK: gemma.softcap(%[[A]]) into(%[[B]])
// CHECK: %[[O2:.*]] = arith.constant 0 : index
// CHECK: %[[C:.*]] = memref.view %[[ARENA]][%[[O2]]][]
// CHECK: gemma.softcap(%[[B]]) into(%[[C]])
func.func @forward(%x: memref<8x16xf32>, %out: memref<8x16xf32>, %rows: index, %num_out: index) {
  %a = memref.alloc() : memref<8x16xf32>
  gemma.softcap(%x) into(%a) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  %b = memref.alloc() : memref<8x16xf32>
  gemma.softcap(%a) into(%b) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  %c = memref.alloc() : memref<8x16xf32>
  gemma.softcap(%b) into(%c) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  gemma.softcap(%c) into(%out) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  return
}

// -----

// A reader through a view counts: %a lives until the second op. The largest
// buffer is placed first; 8 x 3 floats are rounded up to 128 bytes.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: memref<768xi8>
// CHECK: arith.constant 512 : index
// CHECK-NEXT: memref.view %{{.*}} to memref<8x3xf32>
// CHECK: arith.constant 0 : index
// CHECK-NEXT: memref.view %{{.*}} to memref<8x16xf32>
// CHECK: arith.constant 640 : index
// CHECK-NEXT: memref.view %{{.*}} to memref<8x3xf32>
#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: memref<8x3xf32>, %y: memref<8x16xf32>, %rows: index, %num_out: index) {
  %a = memref.alloc() : memref<8x3xf32>
  gemma.softcap(%x) into(%a) rows(%rows) {cap = 1.0 : f64} : (memref<8x3xf32>, memref<8x3xf32>, index) -> ()
  %view = memref.subview %a[0, 0] [%rows, 3] [1, 1] : memref<8x3xf32> to memref<?x3xf32, strided<[3, 1]>>
  %b = memref.alloc() : memref<8x16xf32>
  gemma.softcap(%y) into(%b) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  gemma.softcap(%b) into(%y) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  %c = memref.alloc() : memref<8x3xf32>
  %out = memref.subview %c[0, 0] [%rows, 3] [1, 1] : memref<8x3xf32> to memref<?x3xf32, strided<[3, 1]>>
  linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%view : memref<?x3xf32, strided<[3, 1]>>) outs(%out : memref<?x3xf32, strided<[3, 1]>>) {
  ^bb0(%in: f32, %old: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  }
  gemma.softcap(%b) into(%y) rows(%rows) {cap = 1.0 : f64} : (memref<8x16xf32>, memref<8x16xf32>, index) -> ()
  return
}
