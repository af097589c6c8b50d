//===- Matmul.cpp - Normed rows and products with weights -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Matmul.h"

#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

/// Weight rows and products held at a time: bounds memory, not results.
static constexpr int64_t kWeightRows = 64;
static constexpr int64_t kProducts = int64_t(1) << 22;

FailureOr<std::vector<double>>
mlir::gemma::reference::readColumnFactors(RowAccess &access, Value weight,
                                          bool unitOffset, int64_t count) {
  if (!weight) {
    return std::vector<double>(count, 1.0);
  }
  FailureOr<std::vector<double>> factors = access.readWeight(weight, 0, 1);
  if (failed(factors)) {
    return failure();
  }
  for (double &factor : *factors) {
    factor += unitOffset ? 1.0 : 0.0;
  }
  return factors;
}

double mlir::gemma::reference::getNormFactor(llvm::ArrayRef<double> values,
                                             double epsilon) {
  double sum = 0;
  for (double value : values) {
    sum += value * value;
  }
  return 1 / std::sqrt(sum / static_cast<double>(values.size()) + epsilon);
}

LogicalResult mlir::gemma::reference::normGroups(RowAccess &access,
                                                 Value weight, bool unitOffset,
                                                 double epsilon, int64_t group,
                                                 std::vector<double> &values) {
  auto factors = readColumnFactors(access, weight, unitOffset, group);
  if (failed(factors)) {
    return failure();
  }
  for (size_t first = 0; first < values.size(); first += group) {
    auto part = llvm::MutableArrayRef(values).slice(first, group);
    double factor = getNormFactor(part, epsilon);
    for (auto [value, columnFactor] : llvm::zip(part, *factors)) {
      value *= factor * columnFactor;
    }
  }
  return success();
}

LogicalResult mlir::gemma::reference::multiply(
    RowAccess &access, const MatmulRows &rows, Value weight,
    llvm::function_ref<void(int64_t row, llvm::MutableArrayRef<double>)> take) {
  llvm::ArrayRef<int64_t> shape = getWeightShape(weight.getType());
  int64_t n = shape[0];
  int64_t k = shape[1];
  int64_t total = static_cast<int64_t>(rows.values.size()) / rows.columns;
  int64_t rowsAtOnce = std::max<int64_t>(1, kProducts / n);
  for (int64_t m = 0; m < total; m += rowsAtOnce) {
    int64_t count = std::min(rowsAtOnce, total - m);
    std::vector<double> out(count * n);
    for (int64_t first = 0; first < n; first += kWeightRows) {
      int64_t columns = std::min(kWeightRows, n - first);
      auto part = access.readWeight(weight, first, columns);
      if (failed(part)) {
        return failure();
      }
      for (int64_t r = 0; r < count; ++r) {
        const double *row = rows.values.data() + (m + r) * k;
        for (int64_t j = 0; j < columns; ++j) {
          const double *column = part->data() + j * k;
          double sum = 0;
          for (int64_t i = 0; i < k; ++i) {
            sum += row[i] * column[i];
          }
          out[r * n + first + j] =
              rows.factors.empty() ? sum : sum * rows.factors[m + r];
        }
      }
    }
    for (int64_t r = 0; r < count; ++r) {
      take(m + r, llvm::MutableArrayRef(out).slice(r * n, n));
    }
  }
  return success();
}

FailureOr<std::vector<double>>
mlir::gemma::reference::multiply(RowAccess &access, const MatmulRows &rows,
                                 Value weight) {
  std::vector<double> products;
  auto append = [&](int64_t, llvm::MutableArrayRef<double> row) {
    products.insert(products.end(), row.begin(), row.end());
  };
  if (failed(multiply(access, rows, weight, append))) {
    return failure();
  }
  return products;
}
