//===- WeightEncoder.h - Rows of a weight in an encoding --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_WEIGHTENCODER_H
#define GEMMA_COMPILER_EMIT_WEIGHTENCODER_H

#include "compiler/Import/Readers/GgmlTypes.h"
#include "dialect/GemmaOps.h"
#include "runtime/artifact/Encoding.h"

#include <cstdint>
#include <optional>

namespace mlir::gemma {

/// How scales of `weight` are found if its encoding is q4_0: as gemma.options
/// say, but always by ggml's rule for random weights, which a stub makes at
/// every load (runtime/exec/StubWeights.h) and of which a real artifact has
/// the same bytes.
::gemma::Q4Rule getQ4Rule(WeightOp weight);

/// A value that an encoding cannot hold, and where it is.
struct BadValue {
  int64_t row;
  int64_t column;
  float value;
};

/// What an encoding makes of values: sums of squares.
struct EncodingError {
  double error = 0; ///< of the differences
  double value = 0; ///< of the values

  void add(const EncodingError &other) {
    error += other.error;
    value += other.value;
  }
};

/// Writes a weight of `rows` rows of `columns` elements in an encoding, a
/// group of rows at a time. Layouts: dialect, #gemma.encoding.
class WeightEncoder {
public:
  /// `rule` is for q4_0. `blocks` is the type of the weight's tensor, if it is
  /// one of a GGUF file.
  WeightEncoder(EncodingAttr encoding, int64_t rows, int64_t columns,
                ::gemma::Q4Rule rule = ::gemma::Q4Rule::Mse,
                const ::gemma::GgmlType *blocks = nullptr);

  int64_t getRows() const { return rows; }
  int64_t getColumns() const { return columns; }

  /// Rows that are encoded together: a panel's, or one. Groups lie one after
  /// the other.
  int64_t getGroupRows() const { return panel == 0 ? 1 : panel; }
  int64_t getGroups() const;
  /// Bytes of one group.
  int64_t getGroupBytes() const;

  /// Values must be smaller than this in magnitude.
  float getLimit() const { return ::gemma::valueLimit(layout); }

  /// Encodes `count` rows from `values` ([count][columns]) to `out`, the first
  /// of them being the first of a group. A group that they do not fill is
  /// filled with zeros: it must be the last one. Gives the first value that is
  /// NaN or too large, and then nothing is encoded.
  std::optional<BadValue> encode(const float *values, int64_t count,
                                 char *out) const;

  /// Whether the tensor's blocks are taken over as they are, by encodeBlocks.
  bool takesBlocks() const;

  /// The same as encode from the tensor's own bytes; no value is rounded.
  std::optional<BadValue> encodeBlocks(const char *bytes, int64_t count,
                                       char *out) const;

  /// The error of `count` rows that were encoded to `encoded`, the first of
  /// them being the first of a group.
  EncodingError measure(const float *values, int64_t count,
                        const char *encoded) const;

private:
  ::gemma::WeightLayout layout;
  ::gemma::Q4Rule rule;
  const ::gemma::GgmlType *blocks;
  int64_t panel;
  int64_t rows;
  int64_t columns;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_WEIGHTENCODER_H
