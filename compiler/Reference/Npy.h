//===- Npy.h - Matrices as NumPy files --------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_NPY_H
#define GEMMA_COMPILER_REFERENCE_NPY_H

#include "runtime/core/Result.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::gemma::reference {

enum class NpyElement { F32, F64 };

/// Writes a row-major matrix [rows, columns] to `path` in NumPy's format 1.0.
/// Errors: Resource if the file cannot be written.
::gemma::Result<void> writeNpy(llvm::StringRef path, NpyElement element,
                               int64_t rows, int64_t columns,
                               llvm::ArrayRef<double> values);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_NPY_H
