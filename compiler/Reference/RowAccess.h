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

/// Columns of rows.
inline int64_t getColumns(Type rows) {
  return llvm::cast<ShapedType>(rows).getDimSize(1);
}

/// Access to the operands of a decoder op, the same in both forms.
class RowAccess {
public:
  /// Finds the number of rows and where the results go, and announces the
  /// writes. Reports a buffer that is too small.
  static FailureOr<RowAccess> create(DecoderOpInterface op, Frame &frame);

  int64_t getRows() const { return rows; }
  const View &getOut(unsigned number = 0) const { return outs[number]; }

  /// The rows of an operand that the op works over: all of a tensor, the first
  /// ones of a buffer.
  FailureOr<View> take(Value operand);
  /// All values of such rows, row-major.
  FailureOr<std::vector<double>> read(Value operand);
  /// The same of rows that may be packed, as `columns` values each.
  FailureOr<std::vector<double>> readUnpacked(Value operand, int64_t columns);
  /// Rows `indices` of an operand that has those of the whole forward, as
  /// `columns` values each. Reports a row that there is not.
  FailureOr<std::vector<double>>
  readPicked(Value operand, llvm::ArrayRef<int64_t> indices, int64_t columns);
  /// One integer per row.
  FailureOr<std::vector<int64_t>> readInts(Value operand);
  /// Rows [row, row + count) of a weight, rounded as its encoding says.
  FailureOr<std::vector<double>> readWeight(Value weight, int64_t row,
                                            int64_t count);
  /// Fails, with a message, if a result goes to the buffer that `operand` is.
  LogicalResult checkNotInPlace(Value operand);

  /// Stores row `row` of a result.
  void writeRow(int64_t row, llvm::ArrayRef<double> values,
                unsigned number = 0) {
    outs[number].row(row).write(values);
  }
  /// Stores all rows of a result, `columns` values each, as gemma.pack_rows
  /// does for weights of `kind`; as they are, without a kind.
  void writeRows(llvm::ArrayRef<double> values, int64_t columns,
                 std::optional<EncodingKind> kind, unsigned number = 0);

private:
  RowAccess(DecoderOpInterface op, Frame &frame) : op(op), frame(frame) {}

  /// A row of a buffer as `columns` values.
  FailureOr<std::vector<double>> unpack(const View &row, int64_t columns);

  DecoderOpInterface op;
  Frame &frame;
  int64_t rows = 0;
  llvm::SmallVector<View, 2> outs;
};

// Ops that read or write a KV cache.

LogicalResult runCacheOp(CacheWriteOp op, Frame &frame, RowAccess &access);
LogicalResult runCacheOp(AttentionOp op, Frame &frame, RowAccess &access);
LogicalResult runCacheOp(RopeAttentionOp op, Frame &frame, RowAccess &access);

/// Puts `k` and `v`, rows of all heads of the cache, into the cache of `op`, a
/// cache_write or norm_qkv.
template <typename Op>
LogicalResult writeCache(Op op, Frame &frame, RowAccess &access,
                         llvm::ArrayRef<double> k, llvm::ArrayRef<double> v);

/// A fused op other than rope_attention.
LogicalResult runFusedOp(FusedOpInterface op, Frame &frame, RowAccess &access);

/// gemma.geglu's activation.
double gelu(double x, Gelu form);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_ROWACCESS_H
