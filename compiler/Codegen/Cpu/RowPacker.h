//===- RowPacker.h - Rows stored for the matmul that reads them -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_ROWPACKER_H
#define GEMMA_COMPILER_CODEGEN_CPU_ROWPACKER_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"
#include "dialect/PackedRows.h"

namespace mlir::gemma {

/// Stores rows in the form that weights of a kind are multiplied with
/// (gemma.pack_rows), a block of 32 columns at a time.
class RowPacker {
public:
  /// `buffer` holds rows of `columns` columns.
  RowPacker(KernelBuilder &kernel, Value buffer, EncodingKind kind,
            int64_t columns)
      : kernel(kernel), b(kernel.b), buffer(buffer), kind(kind),
        columns(columns), layout(columns) {}

  /// Stores columns [column, column + count) of a row, count from 1 to 32;
  /// column is a multiple of 32. The two vectors of 16 f32 are zero beyond
  /// `count`.
  void store(Value row, Value column, Value low, Value high, int64_t count);
  /// Stores the block that pads the row to whole superblocks, if there is one.
  void storePadding(Value row);

private:
  void storeFloats(Value row, Value column, Value values, int64_t count);
  void storeBlock(Value row, Value column, Value low, Value high);
  /// Stores a 32-bit scalar `index` words behind byte `begin` of a row.
  void storeWord(Value row, int64_t begin, Value index, Value word);
  /// The lanes of values * factor as i32, rounded to nearest even.
  Value roundToInt(Value values, Value factor);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  Value buffer;
  EncodingKind kind;
  int64_t columns;
  PackedRowLayout layout;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_ROWPACKER_H
