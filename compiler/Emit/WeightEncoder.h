//===- WeightEncoder.h - Rows of a weight in an encoding --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_WEIGHTENCODER_H
#define GEMMA_COMPILER_EMIT_WEIGHTENCODER_H

#include "dialect/GemmaAttrs.h"

#include <cstdint>

namespace mlir::gemma {

/// Writes a weight of `rows` rows of `columns` elements in an encoding, a
/// group of rows at a time. Layouts: dialect, #gemma.encoding.
class WeightEncoder {
public:
  WeightEncoder(EncodingAttr encoding, int64_t rows, int64_t columns);

  int64_t getRows() const { return rows; }
  int64_t getColumns() const { return columns; }

  /// Rows that are encoded together: a panel's, or one. Groups lie one after
  /// the other.
  int64_t getGroupRows() const { return panel == 0 ? 1 : panel; }
  int64_t getGroups() const;
  /// Bytes of one group.
  int64_t getGroupBytes() const;

  /// Encodes `count` rows from `values` ([count][columns]) to `out`, the first
  /// of them being the first of a group. A group that they do not fill is
  /// filled with zeros: it must be the last one.
  void encode(const float *values, int64_t count, char *out) const;

private:
  void encodePanelF32(const float *values, int64_t count, char *out) const;
  void encodePanelBf16(const float *values, int64_t count, char *out) const;

  EncodingKind kind;
  int64_t panel;
  int64_t rows;
  int64_t columns;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_WEIGHTENCODER_H
