//===- GgmlTypes.h - Tensor types of GGUF and their values ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_GGMLTYPES_H
#define GEMMA_COMPILER_IMPORT_READERS_GGMLTYPES_H

#include <cstdint>
#include <string_view>

namespace gemma {

/// A tensor type of GGUF. A row of a tensor is cut into blocks of consecutive
/// values, of as many bytes each.
struct GgmlType {
  using Convert = void (*)(const char *block, float *out);

  uint32_t number; ///< in files
  const char *name;
  uint32_t elements; ///< of a block
  uint32_t bytes;    ///< of a block
  /// Writes the values of one block; null for a type that no weight may have.
  Convert convert;
};

/// The type of that number or name, null if the format has none.
const GgmlType *findGgmlType(uint32_t number);
const GgmlType *findGgmlType(std::string_view name);

/// The types that a weight may have: "F32, F16, ... or Q6_K".
const char *describeReadableTypes();

/// Writes the f32 values of `blocks` blocks at `data`, which need not be
/// aligned. `type` has a `convert`.
///
/// Formulas: ggml's dequantize_row functions. Their products are exact in f32,
/// so that each value is rounded once, at most, and it does not matter whether
/// a compiler contracts multiply and add.
void dequantize(const GgmlType &type, const char *data, int64_t blocks,
                float *out);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_GGMLTYPES_H
