// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// CHECK: 3x2xf32 {{\[\[}}11, 24], [12, 25], [13, 26]]
// CHECK-NEXT: 2xf32 [6, 15]
// CHECK-NEXT: 2x3xbf16 {{\[\[}}1, 2, 3], [4, 5, 6]]
// CHECK-NEXT: 2x3xf32 {{\[\[}}2, 4, 6], [8, 10, 12]]
memref.global constant @a : memref<2x3xf32>
    = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]>

#id = affine_map<(i, j) -> (i, j)>
#transposed = affine_map<(i, j) -> (j, i)>
#column = affine_map<(i, j) -> (j)>
#row = affine_map<(i, j) -> (i)>
func.func @main() -> (memref<3x2xf32>, memref<2xf32>, memref<2x3xbf16>,
                      tensor<2x3xf32>) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]>
      : tensor<2x3xf32>
  %a = memref.get_global @a : memref<2x3xf32>
  %bias = memref.alloc() : memref<2xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]} outs(%bias : memref<2xf32>) {
  ^bb0(%out: f32):
    %ten = arith.constant 10.0 : f32
    linalg.yield %ten : f32
  }
  %second = memref.subview %bias[1] [1] [1]
      : memref<2xf32> to memref<1xf32, strided<[1], offset: 1>>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]}
      outs(%second : memref<1xf32, strided<[1], offset: 1>>) {
  ^bb0(%out: f32):
    %twice = arith.addf %out, %out : f32
    linalg.yield %twice : f32
  }

  // Transposed, plus a vector.
  %b = memref.alloc() : memref<3x2xf32>
  linalg.generic {indexing_maps = [#transposed, #column, #id],
                  iterator_types = ["parallel", "parallel"]}
      ins(%a, %bias : memref<2x3xf32>, memref<2xf32>)
      outs(%b : memref<3x2xf32>) {
  ^bb0(%in: f32, %add: f32, %out: f32):
    %sum = arith.addf %in, %add : f32
    linalg.yield %sum : f32
  }

  // A sum over columns.
  %sums = memref.alloc() : memref<2xf32>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                  iterator_types = ["parallel"]} outs(%sums : memref<2xf32>) {
  ^bb0(%out: f32):
    %zero = arith.constant 0.0 : f32
    linalg.yield %zero : f32
  }
  linalg.generic {indexing_maps = [#id, #row],
                  iterator_types = ["parallel", "reduction"]}
      ins(%a : memref<2x3xf32>) outs(%sums : memref<2xf32>) {
  ^bb0(%in: f32, %out: f32):
    %sum = arith.addf %out, %in : f32
    linalg.yield %sum : f32
  }

  // Rounded.
  %rounded = memref.alloc() : memref<2x3xbf16>
  linalg.generic {indexing_maps = [#id, #id],
                  iterator_types = ["parallel", "parallel"]}
      ins(%a : memref<2x3xf32>) outs(%rounded : memref<2x3xbf16>) {
  ^bb0(%in: f32, %out: bf16):
    %bf16 = arith.truncf %in : f32 to bf16
    linalg.yield %bf16 : bf16
  }
  %twice = arith.addf %x, %x : tensor<2x3xf32>
  return %b, %sums, %rounded, %twice
      : memref<3x2xf32>, memref<2xf32>, memref<2x3xbf16>, tensor<2x3xf32>
}
