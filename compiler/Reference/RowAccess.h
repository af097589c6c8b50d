//===- RowAccess.h - What the interpreted decoder ops share -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_ROWACCESS_H
#define GEMMA_COMPILER_REFERENCE_ROWACCESS_H

#include "compiler/Reference/Interpreter.h"

namespace mlir::gemma::reference {

/// Access to the operands of a decoder op, the same in both forms.
class RowAccess {
public:
  /// Finds the number of rows and where the result goes, and announces the
  /// write. Reports a buffer that is too small.
  static FailureOr<RowAccess> create(DecoderOpInterface op, Frame &frame);

  int64_t getRows() const { return rows; }
  const View &getOut() const { return *out; }

  /// The rows of an operand that the op works over: all of a tensor, the first
  /// ones of a buffer.
  FailureOr<View> take(Value operand);
  /// All values of such rows, row-major.
  FailureOr<std::vector<double>> read(Value operand);
  /// One integer per row.
  FailureOr<std::vector<int64_t>> readInts(Value operand);
  /// Rows [row, row + count) of a weight, rounded as its encoding says.
  FailureOr<std::vector<double>> readWeight(Value weight, int64_t row,
                                            int64_t count);
  /// Whether the result goes to the buffer that `operand` is.
  bool isInPlace(Value operand);

  /// Stores row `row` of the result.
  void writeRow(int64_t row, llvm::ArrayRef<double> values) {
    out->row(row).write(values);
  }

private:
  RowAccess(DecoderOpInterface op, Frame &frame) : op(op), frame(frame) {}

  DecoderOpInterface op;
  Frame &frame;
  int64_t rows = 0;
  std::optional<View> out;
};

/// The ops that read or write a KV cache.
LogicalResult runCacheWrite(CacheWriteOp op, Frame &frame, RowAccess &access);
LogicalResult runAttention(AttentionOp op, Frame &frame, RowAccess &access);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_ROWACCESS_H
