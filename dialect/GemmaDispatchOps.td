//===- GemmaDispatchOps.td - Steps of a program -*- tablegen -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DISPATCH_OPS_TD
#define GEMMA_DISPATCH_OPS_TD

include "dialect/GemmaSymbolOps.td"

def Gemma_DispatchOp : Gemma_Op<"dispatch", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "one step of a program: a kernel over a grid of items";
  let description = [{
    The kernel is a function of the nested module `kernels`. It takes the
    buffers, then three indices: the number of rows and the range of items
    [begin, end) to work on. The grid has `tiles` items if `row_tile` is 0,
    else `tiles * ceil(rows / row_tile)`; item i is tile `i mod tiles` of row
    tile `i / tiles`. No item reads what another item of the same dispatch
    writes.

    `writes` lists the operands that the kernel writes. The cost says what the
    step must do, from the model's dimensions and the encodings: bytes
    `fixed_bytes + rows * row_bytes + keys * key_bytes` and operations
    `rows * row_operations + keys * key_operations`, where `keys` is the
    number of keys that the rows see, summed over the rows.

    Constraints:
    * (C1) the symbol names a function `@kernels::@name` whose arguments are
      the buffers' types and three indices. From phase codegen on a packed
      weight is a memref of bytes there and a KV cache its keys, its values
      and its capacity; from phase llvm on the arguments follow the kernel ABI
      and are not checked.
    * (C2) tiles is positive, row_tile and the cost not negative.
    * (C3) writes holds numbers of operands, ascending.

    Example:
    ```mlir
    gemma.dispatch @kernels::@linear_0(%x, %w, %y) rows(%m)
        {tiles = 128 : i64, row_tile = 0 : i64, writes = array<i64: 2>,
         fixed_bytes = 8388608 : i64, row_bytes = 12288 : i64,
         row_operations = 8388608 : i64, key_bytes = 0 : i64,
         key_operations = 0 : i64}
        : memref<512x2048xbf16>,
          !gemma.packed<2048x2048, #gemma.encoding<bf16, panel = 16>>,
          memref<512x2048xf32>
    ```
  }];
  let arguments = (ins SymbolRefAttr:$kernel, Variadic<AnyType>:$buffers,
    Index:$rows, I64Attr:$tiles, I64Attr:$row_tile, DenseI64ArrayAttr:$writes,
    I64Attr:$fixed_bytes, I64Attr:$row_bytes, I64Attr:$row_operations,
    I64Attr:$key_bytes, I64Attr:$key_operations);
  let assemblyFormat = [{
    $kernel `(` $buffers `)` `rows` `(` $rows `)` attr-dict `:` type($buffers)
  }];
  let hasVerifier = 1;
}

#endif // GEMMA_DISPATCH_OPS_TD
