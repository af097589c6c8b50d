//===- PanelBlocks.h - Blocks of a file as they lie in panels ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_PANELBLOCKS_H
#define GEMMA_COMPILER_EMIT_PANELBLOCKS_H

#include "compiler/Import/Readers/GgmlTypes.h"
#include "runtime/artifact/Encoding.h"

#include <cstdint>
#include <optional>

namespace mlir::gemma {

/// Whether blocks of `type` are taken over as they are: Q4_0, Q5_0 and Q8_0
/// into q8_0, Q4_0 into q4_0. Scales keep their bits, integers their values.
bool takesBlocks(const ::gemma::GgmlType &type, ::gemma::WeightLayout layout);

/// Rows of a tensor of blocks: at most 16, the panel's first ones.
struct BlockRows {
  const char *data; ///< of the first row, not aligned
  uint64_t rows;
  uint64_t columns; ///< whole blocks
};

/// Where a scale is infinite or NaN: a block's first value.
struct BadScale {
  uint64_t row;
  uint64_t column;
  float value;
};

/// Writes a panel, panelBytes(layout, columns) bytes (Quantize.h), of rows of
/// `type`, for which takesBlocks. Rows and columns that are not there are
/// blocks of zeros. Gives the first bad scale, in order of the rows; what is
/// written then does not matter.
std::optional<BadScale> packBlocks(const ::gemma::GgmlType &type,
                                   ::gemma::WeightLayout layout,
                                   const BlockRows &from, unsigned char *out);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_PANELBLOCKS_H
