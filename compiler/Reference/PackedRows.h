//===- PackedRows.h - Rows as integers with scales --------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_PACKEDROWS_H
#define GEMMA_COMPILER_REFERENCE_PACKEDROWS_H

#include "dialect/PackedRows.h"

#include <vector>

namespace mlir::gemma::reference {

/// The scale of a group of values that are rounded to integers of at most 127:
/// the largest magnitude over 127, in f32.
float getScale(llvm::ArrayRef<double> values);

/// `value` as an integer times `scale`, the integer to nearest, ties to even.
double roundToScale(double value, float scale);

/// The bytes of gemma.pack_rows, -128 to 127 each, for weights of the quantised
/// `kind`: where they lie is PackedRowLayout's to say; numbers are
/// little-endian.
std::vector<double> packRow(llvm::ArrayRef<double> values, EncodingKind kind);

/// The `columns` values that such a row stands for.
std::vector<double> unpackRow(llvm::ArrayRef<double> bytes, int64_t columns);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_PACKEDROWS_H
