// RUN: gemma-opt %s --gemma-verify-bufferize --verify-diagnostics --split-input-file

#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %m: index) {
  %a = memref.subview %x[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %b = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x16xf32, strided<[16, 1]>>) outs(%b : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Not from the buffer's start.
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %m: index) {
  %a = memref.subview %x[1, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1], offset: 16>>
  %b = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  // expected-error @+1 {{expected operands that are the rows in use of a buffer}}
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x16xf32, strided<[16, 1], offset: 16>>) outs(%b : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %m: index, %n: index) {
  %a = memref.subview %x[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %b = memref.subview %y[0, 0] [%n, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  // expected-error @+1 {{expected operands over the same rows}}
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x16xf32, strided<[16, 1]>>) outs(%b : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
#turned = affine_map<(d0, d1) -> (d1, d0)>
func.func @forward(%x: memref<16x16xf32>, %y: memref<16x16xf32>, %m: index) {
  %a = memref.subview %x[0, 0] [%m, 16] [1, 1] : memref<16x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %b = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<16x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  // expected-error @+1 {{expected every element at its own place}}
  linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x16xf32, strided<[16, 1]>>) outs(%b : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Code generation would take the first op and its operands in their order.
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %m: index) {
  %a = memref.subview %x[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %b = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  // expected-error @+1 {{expected a body of one op over the inputs in their order}}
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x16xf32, strided<[16, 1]>>, memref<?x16xf32, strided<[16, 1]>>) outs(%b : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %in_0: f32, %out: f32):
    %0 = arith.subf %in_0, %in : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @forward(%x: memref<8x16xf32>, %y: memref<8x16xf32>, %m: index) {
  %a = memref.subview %x[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  %b = memref.subview %y[0, 0] [%m, 16] [1, 1] : memref<8x16xf32> to memref<?x16xf32, strided<[16, 1]>>
  // expected-error @+1 {{expected a body of one op over the inputs in their order}}
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<?x16xf32, strided<[16, 1]>>) outs(%b : memref<?x16xf32, strided<[16, 1]>>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.negf %in : f32
    %1 = math.absf %0 : f32
    linalg.yield %1 : f32
  }
  return
}
