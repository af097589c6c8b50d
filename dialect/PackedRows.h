//===- PackedRows.h - Rows in the form that a matmul reads ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_PACKEDROWS_H
#define GEMMA_DIALECT_PACKEDROWS_H

#include "dialect/GemmaAttrs.h"

namespace mlir::gemma {

/// K values that share a scale, in weights and in packed rows.
inline constexpr int64_t kScaleBlock = 32;
/// K values of a superblock of a quantised weight; its K is padded to them.
inline constexpr int64_t kSuperblock = 64;

/// Whether values of `kind` are integers times a block's scale.
inline bool isQuantized(EncodingKind kind) {
  return kind == EncodingKind::Q8_0 || kind == EncodingKind::Q4_0;
}

/// What the stored, unsigned integers of a quantised kind are too large by.
inline int64_t getZeroPoint(EncodingKind kind) {
  return kind == EncodingKind::Q8_0 ? 128 : 8;
}

/// Where the parts of a packed row lie, in bytes: `columns` int8 values padded
/// to whole superblocks, then f32 scales, then i32 corrections, one per block
/// of 32 (gemma.pack_rows).
struct PackedRowLayout {
  explicit PackedRowLayout(int64_t columns)
      : values((columns + kSuperblock - 1) / kSuperblock * kSuperblock) {}

  int64_t getBlocks() const { return values / kScaleBlock; }
  int64_t getScales() const { return values; }
  int64_t getCorrections() const { return values + 4 * getBlocks(); }
  /// A line more where rows one below the other would all lie in the same sets
  /// of a cache.
  int64_t getBytes() const {
    int64_t used = values + 8 * getBlocks();
    return used % 4096 == 0 ? used + 64 : used;
  }

  /// Number of int8 values, padding included.
  int64_t values;
};

/// The type of `columns` columns of rows for weights of `kind`, a tensor or a
/// memref like `rows`.
ShapedType getPackedRowsType(ShapedType rows, EncodingKind kind,
                             int64_t columns);

} // namespace mlir::gemma

#endif // GEMMA_DIALECT_PACKEDROWS_H
