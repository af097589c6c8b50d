//===- Limits.h - The largest things that a reader accepts ------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Every number of an artifact is held against one of these before it is used,
// so that a hostile file costs little time and memory. They are far above
// any model in sight, and low enough that sums and products of a few of them
// fit into 64 bits.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_LIMITS_H
#define GEMMA_RUNTIME_ARTIFACT_LIMITS_H

#include <cstddef>
#include <cstdint>

namespace gemma::limits {

// The manifest, in bytes, tables and nesting of tables.
constexpr uint64_t kManifestBytes = uint64_t(64) << 20;
constexpr uint32_t kManifestTables = uint32_t(4) << 20;
constexpr uint32_t kManifestDepth = 8;
/// Bytes of a name or any other string.
constexpr size_t kStringBytes = 4096;

// Counts of the manifest's lists.
constexpr size_t kRequiredFeatures = 64;
constexpr size_t kTargetFeatures = 1024;
constexpr size_t kEosTokens = 64;
constexpr size_t kWeights = 1 << 17;
constexpr size_t kKvCaches = 4096;
constexpr size_t kKernels = 1 << 14;
constexpr size_t kDispatches = 1 << 16;
constexpr size_t kBindings = 64;
constexpr size_t kProperties = 4096;

// The model.
constexpr uint32_t kHidden = 1 << 18;
constexpr uint32_t kLayers = 4096;
constexpr uint32_t kHeads = 4096;
constexpr uint32_t kHeadDim = 8192;
constexpr uint32_t kFf = 1 << 22;
constexpr uint32_t kVocab = 1 << 24;
constexpr uint32_t kContext = 1 << 24;
constexpr float kTemperature = 1000;

// Segments, in bytes.
constexpr uint64_t kCodeBytes = uint64_t(256) << 20;
constexpr uint64_t kTokenizerBytes = uint64_t(64) << 20;

// Weights.
constexpr size_t kRank = 4;
constexpr uint64_t kDimension = uint64_t(1) << 32;
/// All weights of a stub artifact, in bytes.
constexpr uint64_t kStubWeightBytes = uint64_t(1) << 42;
constexpr double kFillBound = 1e6;

// The program.
constexpr uint32_t kMaxRows = 1 << 16;
constexpr uint64_t kArenaBytes = uint64_t(1) << 40;
constexpr uint64_t kRowBytes = uint64_t(1) << 32;
/// Items of one dispatch.
constexpr uint64_t kItems = uint64_t(1) << 40;

// A session.
constexpr uint32_t kSlots = 1 << 16;

} // namespace gemma::limits

#endif // GEMMA_RUNTIME_ARTIFACT_LIMITS_H
