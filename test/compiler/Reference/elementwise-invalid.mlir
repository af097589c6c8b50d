// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

func.func @main() {
  %x = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %one = arith.constant dense<0> : tensor<1xi32>
  %two = arith.constant dense<0> : tensor<2xi32>
  %a = gemma.select_rows(%x, %one)
      : (tensor<2x1xf32>, tensor<1xi32>) -> tensor<?x1xf32>
  %b = gemma.select_rows(%x, %two)
      : (tensor<2x1xf32>, tensor<2xi32>) -> tensor<?x1xf32>
  // expected-error @+1 {{expected operands of one shape}}
  %c = arith.addf %a, %b : tensor<?x1xf32>
  return
}

// -----

#id = affine_map<(i) -> (i)>
memref.global constant @x : memref<4xf32> = dense<1.0>
memref.global constant @y : memref<3xf32> = dense<1.0>
func.func @main() {
  %x = memref.get_global @x : memref<4xf32>
  %y = memref.get_global @y : memref<3xf32>
  %a = memref.cast %x : memref<4xf32> to memref<?xf32>
  %b = memref.cast %y : memref<3xf32> to memref<?xf32>
  // expected-error @+1 {{expected 4 elements in a dimension, found 3}}
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : memref<?xf32>) outs(%b : memref<?xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// -----

func.func @main() {
  %x = memref.alloc() : memref<4xf32>
  %y = memref.alloc() : memref<7xf32>
  // expected-error @+1 {{expected projected permutations for the interpreter}}
  linalg.generic {indexing_maps = [affine_map<(i) -> (i + 3)>,
                                   affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      ins(%y : memref<7xf32>) outs(%x : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @main() {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  // expected-error @+1 {{expected buffers for the interpreter}}
  %y = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%x : tensor<4xf32>) {
  ^bb0(%out: f32):
    linalg.yield %out : f32
  } -> tensor<4xf32>
  return
}

// -----

#id = affine_map<(i) -> (i)>
func.func @main() {
  %x = memref.alloc() : memref<4xf32>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%x : memref<4xf32>) {
  ^bb0(%out: f32):
    // expected-error @+1 {{is not known to the interpreter}}
    %i = linalg.index 0 : index
    %j = arith.index_cast %i : index to i32
    %k = arith.sitofp %j : i32 to f32
    linalg.yield %k : f32
  }
  return
}

// -----

#id = affine_map<(i) -> (i)>
memref.global constant @x : memref<4xf32> = dense<1.0>
func.func @main() {
  %x = memref.get_global @x : memref<4xf32>
  // expected-error @+1 {{writes a buffer that is only to be read}}
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%x : memref<4xf32>) {
  ^bb0(%out: f32):
    linalg.yield %out : f32
  }
  return
}
