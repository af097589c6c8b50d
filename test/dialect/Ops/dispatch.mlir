// RUN: gemma-opt %s | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --mlir-print-op-generic | gemma-opt | FileCheck %s
// RUN: gemma-opt %s --emit-bytecode | gemma-opt | FileCheck %s

!weight = !gemma.packed<64x64, #gemma.encoding<bf16, panel = 16>>
!cache = !gemma.kv_cache<heads = 1, head_dim = 16, element = bf16, window = 0>

// What a kernel looks like after phase dispatch, after phase codegen and after
// phase llvm.
module @kernels {
  func.func private @linear_0(memref<512x64xbf16>, !weight, memref<512x64xf32>,
                              index, index, index)
  func.func private @linear_1(memref<512x64xbf16>, memref<8192xi8>,
                              memref<512x64xf32>, index, index, index)
  func.func private @cache_write_0(memref<512x16xf32>, memref<1xbf16>,
                                   memref<1xbf16>, index, index, index, index)
  llvm.func @linear_2(!llvm.ptr, !llvm.ptr, i64, i64)
}

// CHECK-LABEL: @forward
func.func @forward(%x: memref<512x64xbf16>, %w: !weight,
    %out: memref<512x64xf32>, %k: memref<512x16xf32>, %cache: !cache,
    %rows: index) {
  // CHECK: gemma.dispatch @kernels::@linear_0(%{{.*}}, %{{.*}}, %{{.*}}) rows(%{{.*}}) {fixed_bytes = 8192 : i64, key_bytes = 0 : i64, key_operations = 0 : i64, row_bytes = 384 : i64, row_operations = 8192 : i64, row_tile = 0 : i64, tiles = 4 : i64, writes = array<i64: 2>} : memref<512x64xbf16>, !gemma.packed<64x64, #gemma.encoding<bf16, panel = 16>>, memref<512x64xf32>
  gemma.dispatch @kernels::@linear_0(%x, %w, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 0 : i64, writes = array<i64: 2>,
       fixed_bytes = 8192 : i64, row_bytes = 384 : i64,
       row_operations = 8192 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<512x64xbf16>, !weight, memref<512x64xf32>
  // CHECK: gemma.dispatch @kernels::@linear_1
  gemma.dispatch @kernels::@linear_1(%x, %w, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 6 : i64, writes = array<i64: 2>,
       fixed_bytes = 8192 : i64, row_bytes = 384 : i64,
       row_operations = 8192 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<512x64xbf16>, !weight, memref<512x64xf32>
  // CHECK: gemma.dispatch @kernels::@linear_2
  gemma.dispatch @kernels::@linear_2(%x, %w, %out) rows(%rows)
      {tiles = 4 : i64, row_tile = 6 : i64, writes = array<i64: 2>,
       fixed_bytes = 8192 : i64, row_bytes = 384 : i64,
       row_operations = 8192 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<512x64xbf16>, !weight, memref<512x64xf32>
  // CHECK: gemma.dispatch @kernels::@cache_write_0
  gemma.dispatch @kernels::@cache_write_0(%k, %cache) rows(%rows)
      {tiles = 1 : i64, row_tile = 64 : i64, writes = array<i64: 1>,
       fixed_bytes = 8192 : i64, row_bytes = 384 : i64,
       row_operations = 8192 : i64, key_bytes = 0 : i64,
       key_operations = 0 : i64}
      : memref<512x16xf32>, !cache
  return
}
