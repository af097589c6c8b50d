//===- StoredKinds.h - Encodings that hold a tensor's values ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_PACK_STOREDKINDS_H
#define GEMMA_COMPILER_PACK_STOREDKINDS_H

#include "dialect/GemmaOps.h"

namespace mlir::gemma {

// --weights=stored, the default for GGUF files. An encoding holds a tensor if
// each of its values is in it bit for bit:
//
//   F32           f32
//   F16           f16, f32
//   BF16          bf16, f32
//   Q4_0          q4_0, q8_0 (the same scales and integers), f32
//   Q8_0, Q5_0    q8_0, f32
//   others        f32, as ggml dequantises them

/// The encoding that a matrix gets: the smallest one that holds its tensor, but
/// q8_0 for the types that only f32 would hold (Q4_1, Q5_1, Q4_K, Q5_K, Q6_K).
EncodingKind getStoredKind(WeightOp matrix);

/// The smallest encoding that holds what both hold.
EncodingKind joinKinds(EncodingKind a, EncodingKind b);

/// Whether an encoding holds the tensor of a matrix. Also true for a matrix
/// that is no tensor of a file.
bool holdsTensor(EncodingKind kind, WeightOp matrix);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_PACK_STOREDKINDS_H
