// RUN: gemma-opt %s --gemma-verify-bufferize --verify-diagnostics --split-input-file

// expected-error @+1 {{expected a function @forward}}
module {}

// -----

func.func @forward(%arena: memref<256xi8>, %rows: index, %num_out: index) {
  %c = arith.constant 32 : index
  // expected-error @+1 {{offset 32 is not a multiple of 64}}
  %v = memref.view %arena[%c][] : memref<256xi8> to memref<2x16xf32>
  return
}

// -----

func.func @forward(%arena: memref<256xi8>, %rows: index, %num_out: index) {
  %c = arith.constant 192 : index
  // expected-error @+1 {{needs 128 bytes at offset 192, the arena has 256}}
  %v = memref.view %arena[%c][] : memref<256xi8> to memref<2x16xf32>
  return
}

// -----

func.func @forward(%arena: memref<256xi8>, %rows: index, %num_out: index) {
  // expected-error @+1 {{expected a constant offset}}
  %v = memref.view %arena[%rows][] : memref<256xi8> to memref<2x16xf32>
  return
}

// -----

func.func @forward(%x: tensor<?x16xf32>, %rows: index, %num_out: index) {
  // expected-error @+1 {{has a tensor operand after phase bufferize}}
  %y = gemma.softcap(%x) {cap = 1.0 : f64} : (tensor<?x16xf32>) -> tensor<?x16xf32>
  return
}

// -----

func.func @forward(%rows: index, %num_out: index) {
  // expected-error @+1 {{may not remain after phase bufferize}}
  %a = memref.alloc() : memref<8x16xf32>
  return
}

// -----

// expected-error @+1 {{expected one block}}
func.func private @forward(memref<8xi32>)

// -----

func.func @forward(%arena: memref<?xi8>, %rows: index, %num_out: index) {
  %c = arith.constant 0 : index
  // expected-error @+1 {{expected static shapes}}
  %v = memref.view %arena[%c][] : memref<?xi8> to memref<2x16xf32>
  return
}
