//===- Quantize.h - Rows of weights in q8_0 and q4_0 ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// 32 consecutive values of a row are a block: one f16 scale d and 32 integers
// q, value = d * q. The rules, all in f32 without fused multiply-adds, so that
// every CPU gives the same bytes:
//
//   q8_0   d = max |x| / 127, q = round(x * (1 / d)), halves away from zero
//          (ggml's quantize_row_q8_0_ref)
//   q4_0   Ggml: m = the x of largest magnitude (the first of them),
//          d = m / -8, q = min(15, int(x * (1 / d) + 8.5)) - 8
//          (ggml's quantize_row_q4_0_ref)
//          Mse: the d of a grid around the block's range, each refitted by
//          least squares, sum(x q) / sum(q q), that gives the smallest squared
//          error once it is rounded to f16; q is the nearest integer of
//          [-8, 7]. A block where that is not better than Ggml stays as Ggml.
//
// In both, d is stored as f16, and q is 0 where that is 0.
//
// A superblock holds 64 columns of the 16 rows of a panel (dialect:
// #gemma.encoding): f16 scales [2][16], then the integers, unsigned, 128 or 8
// too large. Columns and rows that are not there are blocks of zeros: d = 0,
// q = 0.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_QUANTIZE_H
#define GEMMA_RUNTIME_ARTIFACT_QUANTIZE_H

#include "runtime/core/Span.h"

#include <cstdint>

namespace gemma {

/// Columns of a superblock; a quantised weight's columns are padded to them.
constexpr uint64_t kSuperblockColumns = 64;
constexpr uint64_t kScaleBytes = 64;
constexpr uint64_t kQ8SuperblockBytes = kScaleBytes + 16 * 64;
constexpr uint64_t kQ4SuperblockBytes = kScaleBytes + 16 * 64 / 2;

/// How the scale of a block of q4_0 is found.
enum class Q4Rule { Mse, Ggml };

/// At most 16 rows of a weight, the panel's first ones: finite values whose
/// scales f16 can hold, see valueLimit in Encoding.h.
struct PanelRows {
  const float *values;
  /// Distance of two rows, in values.
  uint64_t stride;
  uint64_t rows, columns;
};

/// Writes ceil(columns / 64) superblocks of q8_0.
void quantizeQ8(const PanelRows &panel, unsigned char *out);

/// Writes ceil(columns / 64) superblocks of q4_0.
void quantizeQ4(const PanelRows &panel, Q4Rule rule, unsigned char *out);

/// The functions above as compiled for one level of CPUs.
struct Quantizers {
  using Function = void (*)(const PanelRows &panel, unsigned char *out);
  const char *level;
  Function q8, q4Mse, q4Ggml;
};

/// Those that this CPU can run, best first; all give the same bytes.
Span<const Quantizers> availableQuantizers();

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_QUANTIZE_H
