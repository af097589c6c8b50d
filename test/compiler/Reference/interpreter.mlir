// RUN: gemma-opt %s --gemma-interpret -o /dev/null | FileCheck %s

// Calls, weights, dispatches: the buffer form over the first two of three rows.

// CHECK: 3x2xf32 {{\[\[}}1, 2], [3, 4], [5, 6]]
// CHECK-NEXT: 2x2xf32 {{\[\[}}0.25, 0.5], [0.75, 1]]
// CHECK-NEXT: 2xf32 [0, 0]
memref.global constant @x : memref<3x2xf32>
    = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]>

gemma.weight @zero : tensor<2xf32> from #gemma.random<seed = 1, bound = 0.0 : f64>

!vector = !gemma.packed<2, #gemma.encoding<f32, panel = 0>>
gemma.weight @norm : tensor<2xf32>
    from #gemma.random<seed = 1, bound = 0.0 : f64>
    as #gemma.encoding<f32, panel = 0>

module @kernels {
  // 1 + 0 = 1 is the norm's weight, and epsilon so large that the norm of the
  // row does not matter: x / 4.
  func.func @rms_norm_0(%x: memref<3x2xf32>, %w: !vector, %out: memref<3x2xf32>,
                        %rows: index, %begin: index, %end: index) {
    gemma.rms_norm(%x, %w) into(%out) rows(%rows)
        {epsilon = 1.6e31 : f64, unit_offset = true}
        : (memref<3x2xf32>, !vector, memref<3x2xf32>, index) -> ()
    return
  }
  func.func @scale_0(%x: memref<3x2xf32>, %out: memref<3x2xf32>,
                     %rows: index, %begin: index, %end: index) {
    %a = memref.subview %x[0, 0] [%rows, 2] [1, 1]
        : memref<3x2xf32> to memref<?x2xf32, strided<[2, 1]>>
    %b = memref.subview %out[0, 0] [%rows, 2] [1, 1]
        : memref<3x2xf32> to memref<?x2xf32, strided<[2, 1]>>
    linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
                                     affine_map<(i, j) -> (i, j)>],
                    iterator_types = ["parallel", "parallel"]}
        ins(%a : memref<?x2xf32, strided<[2, 1]>>)
        outs(%b : memref<?x2xf32, strided<[2, 1]>>) {
    ^bb0(%in: f32, %o: f32):
      %s = arith.constant 1.0e15 : f32
      %scaled = arith.mulf %in, %s : f32
      linalg.yield %scaled : f32
    }
    return
  }
}

func.func @main() -> (memref<3x2xf32>, memref<2x2xf32, strided<[2, 1]>>,
                      tensor<2xf32>) {
  %x = func.call @get() : () -> memref<3x2xf32>
  %w = gemma.weight_ref @norm : !vector
  %rows = arith.constant 2 : index
  %arena = memref.alloc() : memref<128xi8>
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %y = memref.view %arena[%c0][] : memref<128xi8> to memref<3x2xf32>
  %z = memref.view %arena[%c64][] : memref<128xi8> to memref<3x2xf32>
  gemma.dispatch @kernels::@rms_norm_0(%x, %w, %y) rows(%rows)
      {tiles = 1 : i64, row_tile = 1 : i64, writes = array<i64: 2>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : memref<3x2xf32>, !vector, memref<3x2xf32>
  gemma.dispatch @kernels::@scale_0(%y, %z) rows(%rows)
      {tiles = 1 : i64, row_tile = 0 : i64, writes = array<i64: 1>,
       fixed_bytes = 0 : i64, row_bytes = 0 : i64, row_operations = 0 : i64,
       key_bytes = 0 : i64, key_operations = 0 : i64}
      : memref<3x2xf32>, memref<3x2xf32>
  %used = memref.subview %z[0, 0] [2, 2] [1, 1]
      : memref<3x2xf32> to memref<2x2xf32, strided<[2, 1]>>
  // A weight as an operand of an elementwise op.
  %zero = gemma.weight_ref @zero : tensor<2xf32>
  %sum = arith.mulf %zero, %zero : tensor<2xf32>
  return %x, %used, %sum
      : memref<3x2xf32>, memref<2x2xf32, strided<[2, 1]>>, tensor<2xf32>
}

func.func private @get() -> memref<3x2xf32> {
  %x = memref.get_global @x : memref<3x2xf32>
  return %x : memref<3x2xf32>
}
