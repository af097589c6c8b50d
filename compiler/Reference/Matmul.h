//===- Matmul.h - Normed rows and products with weights ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_MATMUL_H
#define GEMMA_COMPILER_REFERENCE_MATMUL_H

#include "compiler/Reference/RowAccess.h"

namespace mlir::gemma::reference {

/// Rows that weights are multiplied with.
struct MatmulRows {
  /// Row-major.
  std::vector<double> values;
  int64_t columns = 0;
  /// What every product of a row is multiplied with, a norm's factor; 1 for
  /// all rows if empty.
  std::vector<double> factors;
};

/// f(w) of gemma.pack_rows and gemma.rms_norm for `count` columns: 1 + w with
/// `unitOffset`, w without, 1 without a weight.
FailureOr<std::vector<double>> readColumnFactors(RowAccess &access,
                                                 Value weight, bool unitOffset,
                                                 int64_t count);

/// 1 / sqrt(mean(values^2) + epsilon).
double getNormFactor(llvm::ArrayRef<double> values, double epsilon);

/// Norms every group of `group` values: of rows that are whole groups. `weight`
/// may be null.
LogicalResult normGroups(RowAccess &access, Value weight, bool unitOffset,
                         double epsilon, int64_t group,
                         std::vector<double> &values);

/// The rows of a norm_* op, in either of its forms. With `picked`, these rows
/// of x, else all.
template <typename NormOp>
FailureOr<MatmulRows>
readNormedRows(NormOp op, RowAccess &access,
               std::optional<llvm::ArrayRef<int64_t>> picked = std::nullopt) {
  int64_t columns = getColumns(op.getX().getType());
  auto read = [&](Value rows) {
    return picked ? access.readPicked(rows, *picked, columns)
                  : access.readUnpacked(rows, columns);
  };
  FailureOr<std::vector<double>> x = read(op.getX());
  if (failed(x)) {
    return failure();
  }
  MatmulRows rows{*x, columns, {}};
  double epsilon = op.getEpsilon().convertToDouble();
  for (size_t first = 0; first < x->size(); first += columns) {
    rows.factors.push_back(
        getNormFactor(llvm::ArrayRef(*x).slice(first, columns), epsilon));
  }
  if (op.getPacked()) {
    FailureOr<std::vector<double>> packed = read(op.getPacked());
    if (failed(packed)) {
      return failure();
    }
    rows.values = std::move(*packed);
    return rows;
  }
  auto factors = readColumnFactors(access, op.getNormWeight(),
                                   op.getUnitOffset(), columns);
  if (failed(factors)) {
    return failure();
  }
  for (size_t i = 0; i < rows.values.size(); ++i) {
    rows.values[i] *= (*factors)[i % columns];
  }
  return rows;
}

/// Calls `take` with every row's number and products: `sum_k x[m, k] * w[n, k]`
/// for every n, times the row's factor. Weights are read in parts.
LogicalResult multiply(
    RowAccess &access, const MatmulRows &rows, Value weight,
    llvm::function_ref<void(int64_t row, llvm::MutableArrayRef<double>)> take);

/// All products, row-major.
FailureOr<std::vector<double>> multiply(RowAccess &access,
                                        const MatmulRows &rows, Value weight);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_MATMUL_H
