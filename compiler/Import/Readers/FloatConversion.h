//===- FloatConversion.h - Elements of tensors as f32 -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_FLOATCONVERSION_H
#define GEMMA_COMPILER_IMPORT_READERS_FLOATCONVERSION_H

#include <cstdint>

namespace gemma {

/// Converts `count` little-endian elements at `data`, which need not be
/// aligned, to f32. Every value of f32, bf16 and f16 is exact in f32; NaN
/// stays NaN.
void convertF32(const char *data, int64_t count, float *out);
void convertBf16(const char *data, int64_t count, float *out);
void convertF16(const char *data, int64_t count, float *out);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_FLOATCONVERSION_H
