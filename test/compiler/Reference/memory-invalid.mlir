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
  // expected-error @+1 {{reads 128 bytes of a buffer that another buffer overwrote}}
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
  // expected-error @+1 {{reads 128 bytes of a buffer that another buffer overwrote}}
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

// -----

// Equal offset and type do not make two views one buffer.
#id = affine_map<(i) -> (i)>
func.func @main() {
  %arena = memref.alloc() : memref<256xi8>
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %a = memref.view %arena[%c0][] : memref<256xi8> to memref<8xf32>
  %b = memref.view %arena[%c0][] : memref<256xi8> to memref<8xf32>
  %c = memref.alloc() : memref<8xf32>
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%a : memref<8xf32>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  }
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%b : memref<8xf32>) {
  ^bb0(%out: f32):
    linalg.yield %one : f32
  }
  // expected-error @+1 {{reads 32 bytes of a buffer that another buffer overwrote}}
  memref.copy %a, %c : memref<8xf32> to memref<8xf32>
  return
}

// -----

// One of eight rows is in use; the buffers share only the others.
!rows = memref<8x2xf32>
memref.global constant @x : !rows = dense<1.0>
func.func @main() {
  %x = memref.get_global @x : !rows
  %arena = memref.alloc() : memref<256xi8>
  %rows = arith.constant 1 : index
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %c128 = arith.constant 128 : index
  %a = memref.view %arena[%c0][] : memref<256xi8> to !rows
  %b = memref.view %arena[%c32][] : memref<256xi8> to !rows
  %c = memref.view %arena[%c128][] : memref<256xi8> to !rows
  gemma.softcap(%x) into(%a) rows(%rows) {cap = 1.0 : f64}
      : (!rows, !rows, index) -> ()
  gemma.softcap(%x) into(%b) rows(%rows) {cap = 1.0 : f64}
      : (!rows, !rows, index) -> ()
  // expected-error @+1 {{reads 8 bytes of a buffer that another buffer overwrote}}
  gemma.softcap(%a) into(%c) rows(%rows) {cap = 1.0 : f64}
      : (!rows, !rows, index) -> ()
  return
}
