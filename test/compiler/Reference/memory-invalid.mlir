// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

// The second buffer starts 64 bytes before the first one's end.
#id = affine_map<(i) -> (i)>
func.func @main() {
  %arena = memref.alloc() : memref<256xi8>
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %one = arith.constant 1.0 : f32
  %a = memref.view %arena[%c0][] : memref<256xi8> to memref<32xf32>
  %b = memref.view %arena[%c64][] : memref<256xi8> to memref<32xf32>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%a : memref<32xf32>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  }
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%b : memref<32xf32>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  }
  %c = memref.alloc() : memref<32xf32>
  memref.copy %b, %c : memref<32xf32> to memref<32xf32>
  // expected-error @+1 {{reads 64 bytes that another buffer overwrote}}
  memref.copy %a, %c : memref<32xf32> to memref<32xf32>
  return
}

// -----

// An op's input and output share bytes: the kernel writes while it reads.
#id = affine_map<(i) -> (i)>
func.func @main() {
  %arena = memref.alloc() : memref<256xi8>
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %one = arith.constant 1.0 : f32
  %a = memref.view %arena[%c0][] : memref<256xi8> to memref<32xf32>
  %b = memref.view %arena[%c64][] : memref<256xi8> to memref<32xf32>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%a : memref<32xf32>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  }
  // expected-error @+1 {{reads 64 bytes that another buffer overwrote}}
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : memref<32xf32>) outs(%b : memref<32xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  }
  return
}

// -----

// The same bytes as other elements are another buffer.
#id = affine_map<(i) -> (i)>
func.func @main() {
  %arena = memref.alloc() : memref<256xi8>
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %a = memref.view %arena[%c0][] : memref<256xi8> to memref<8xf32>
  %b = memref.view %arena[%c0][] : memref<256xi8> to memref<16xbf16>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%a : memref<8xf32>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  }
  %c = memref.alloc() : memref<16xbf16>
  // expected-error @+1 {{reads 32 bytes that nothing wrote}}
  memref.copy %b, %c : memref<16xbf16> to memref<16xbf16>
  return
}
