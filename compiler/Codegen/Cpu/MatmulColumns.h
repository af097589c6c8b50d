//===- MatmulColumns.h - Items of 32 columns of a matmul -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_MATMULCOLUMNS_H
#define GEMMA_COMPILER_CODEGEN_CPU_MATMULCOLUMNS_H

#include "compiler/Codegen/Cpu/Matmul.h"

namespace mlir::gemma {

/// Columns of one item: two panels, a block of packed rows.
inline constexpr int64_t kItemColumns = 2 * kPanel;

/// Calls `body` with the item's first column and the number of its columns,
/// which is kItemColumns for all but the last item.
void forItemColumns(KernelBuilder &kernel, Value item, int64_t columns,
                    llvm::function_ref<void(Value column, int64_t count)> body);

/// Stores `values`, 16 lanes of which `count` are columns of `buffer`; none if
/// `count` is not positive.
void storeLanes(KernelBuilder &kernel, Value values, Value buffer, Value row,
                Value column, int64_t count);

/// Multiplies all rows with the columns [column, column + count) of a weight,
/// one or two panels. `store` gets a row and its sums, two times 16 lanes,
/// which are zero beyond `count`.
void emitPanelPair(
    KernelBuilder &kernel, Matmul &matmul, Value memory, Value column,
    int64_t count,
    llvm::function_ref<void(Value row, Value low, Value high)> store);

/// The factors of the norm of all rows of x, computed once for a range of
/// items.
class NormFactors {
public:
  /// For the rows that the kernel works over, or those that `picked` lists.
  NormFactors(KernelBuilder &kernel, Value x, double epsilon,
              Value picked = Value());

  /// 16 lanes times the factor of `row`.
  Value apply(Value sums, Value row) const;

private:
  KernelBuilder &kernel;
  Value factors;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_MATMULCOLUMNS_H
