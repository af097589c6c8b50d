//===- NumpyWriter.h - Writes a matrix as a NumPy file ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_NUMPYWRITER_H
#define GEMMA_RUNTIME_TEXT_NUMPYWRITER_H

#include "runtime/core/Result.h"
#include "runtime/core/Span.h"
#include "runtime/core/WholeFile.h"

#include <cstdint>
#include <string>

namespace gemma {

/// Writes a float32 matrix in NumPy's .npy format, version 1.0, rows as they
/// come. The file takes its place in `commit` (WholeFile).
class NumpyWriter {
public:
  /// Errors: NotFound or Resource if the file cannot be made.
  static Result<NumpyWriter> create(const std::string &path, uint64_t rows,
                                    uint64_t columns);

  /// Appends values, row after row. Errors: Resource.
  Result<void> write(Span<const float> values);

  /// Ends the file after all rows. Errors: Resource; Internal if the number of
  /// values is not rows * columns.
  Result<void> commit();

private:
  NumpyWriter(WholeFile file, uint64_t values)
      : file(std::move(file)), missing(values) {}

  WholeFile file;
  uint64_t missing;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_NUMPYWRITER_H
