// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

func.func @main() {
  %arena = memref.alloc() : memref<128xi8>
  %c64 = arith.constant 64 : index
  // expected-error @+1 {{expected bytes inside the scratch memory's 128, found 68 at 64}}
  %a = memref.view %arena[%c64][] : memref<128xi8> to memref<17xf32>
  return
}

// -----

func.func @main() {
  %arena = memref.alloc() : memref<128xi8>
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  // expected-error @+1 {{expected a static view of scratch memory}}
  %a = memref.view %arena[%c0][%c2] : memref<128xi8> to memref<?xf32>
  return
}

// -----

func.func @main() {
  %a = memref.alloc() : memref<8xf32>
  %c5 = arith.constant 5 : index
  // expected-error @+1 {{expected a part of 8 elements, found 4 at 5}}
  %b = memref.subview %a[%c5] [4] [1]
      : memref<8xf32> to memref<4xf32, strided<[1], offset: ?>>
  return
}

// -----

func.func @main() {
  %a = memref.alloc() : memref<2x8xf32>
  // expected-error @+1 {{expected no dropped dimension}}
  %b = memref.subview %a[0, 0] [1, 8] [1, 1]
      : memref<2x8xf32> to memref<8xf32, strided<[1]>>
  return
}

// -----

func.func @main() {
  %a = memref.alloc() : memref<8xf32>
  %b = memref.cast %a : memref<8xf32> to memref<?xf32>
  %c = memref.alloc() : memref<4xf32>
  %d = memref.cast %c : memref<4xf32> to memref<?xf32>
  // expected-error @+1 {{expected a source of the target's shape}}
  memref.copy %b, %d : memref<?xf32> to memref<?xf32>
  return
}

// -----

func.func @main() {
  %arena = memref.alloc() : memref<128xi8>
  %c = memref.alloc() : memref<128xi8>
  // expected-error @+1 {{expected a tensor or a buffer, found scratch memory}}
  memref.copy %arena, %c : memref<128xi8> to memref<128xi8>
  return
}
