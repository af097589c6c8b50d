// RUN: gemma-opt %s --split-input-file --verify-diagnostics \
// RUN:   --gemma-interpret

// expected-error @+1 {{expected a function @main or the option tokens}}
module {}

// -----

// expected-error @+1 {{expected a result that is a number, a tensor or a buffer, found 'memref<64xi8>'}}
func.func @main() -> memref<64xi8> {
  %bytes = memref.alloc() : memref<64xi8>
  return %bytes : memref<64xi8>
}

// -----

// expected-error @+1 {{reads 32 bytes that nothing wrote}}
func.func @main() -> memref<8xf32> {
  %buffer = memref.alloc() : memref<8xf32>
  return %buffer : memref<8xf32>
}

// -----

// expected-error @+1 {{expected 1 arguments, found 0}}
func.func @main(%x: f32) -> f32 {
  return %x : f32
}
