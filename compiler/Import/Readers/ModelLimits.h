//===- ModelLimits.h - Largest numbers that a model may have ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_MODELLIMITS_H
#define GEMMA_COMPILER_IMPORT_READERS_MODELLIMITS_H

#include <cstdint>

namespace gemma {

// A dimension's limit is far above any Gemma's and keeps products of two
// within 64 bits.
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxHeads = 1 << 12;
constexpr int64_t kMaxHeadDim = 1 << 12;
constexpr int64_t kMaxLayers = 1 << 10;
constexpr int64_t kMaxVocab = 1 << 24;
constexpr int64_t kMaxContext = 1 << 24;
constexpr double kMaxTheta = 1e12;
constexpr double kMaxRopeFactor = 1e6;
constexpr double kMaxSoftcap = 1e6;

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_MODELLIMITS_H
