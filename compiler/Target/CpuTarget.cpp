//===- CpuTarget.cpp - Tile sizes and instructions of a CPU, as data -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/CpuTarget.h"

#include "compiler/Target/TargetSpec.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace mlir::gemma;

static constexpr llvm::StringRef kAvx512Bf16Features[] = {
    "avx512f",    "avx512bw",   "avx512vl", "avx512dq",
    "avx512bf16", "avx512vnni", "fma"};
static constexpr llvm::StringRef kAvx512VnniFeatures[] = {
    "avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512vnni", "fma"};
static constexpr llvm::StringRef kAvx512Features[] = {
    "avx512f", "avx512bw", "avx512vl", "avx512dq", "fma"};
static constexpr llvm::StringRef kNeonDotFeatures[] = {"dotprod"};
static constexpr llvm::StringRef kNeonBf16Features[] = {"bf16", "dotprod"};
static constexpr llvm::StringRef kAvx2Features[] = {"avx2", "f16c", "fma"};

// Row blocks times panels are the sums that live in registers: 12 of the 32
// of AVX-512 (the rest hold weights and inputs), 8 of AVX2's 16 halves.
static constexpr int64_t kWideBlocks[] = {6, 4, 2, 1};
static constexpr int64_t kMediumBlocks[] = {2, 1};
static constexpr int64_t kNarrowBlocks[] = {1};

// Queries times two vectors: 16 of AVX-512's 32 registers, 8 of AVX2's 16
// halves.
static constexpr int64_t kWideQueries[] = {8, 4, 2, 1};
static constexpr int64_t kMediumQueries[] = {2, 1};
static constexpr int64_t kNarrowQueries[] = {1};

// Measured on reads that miss all caches: 1 KB is too late, from 2 KB to 4 KB
// nothing changes.
static constexpr int64_t kPrefetch = 2048;
// The second request for a line keeps the prefetchers of the second cache
// ahead: with huge pages q4_0 reads 8 % faster, with small ones as fast.
static constexpr int64_t kFarPrefetch = 3072;

// Two panels are three quarters of a first cache of 32 KB; with a third
// of this, loading and storing sums shows.
static constexpr int64_t kChunk = 12288;

static CpuTarget getGeneric() {
  CpuTarget level;
  level.name = "generic";
  level.prefetchBytes = kPrefetch;
  level.farPrefetchBytes = kFarPrefetch;
  level.chunkBytes = kChunk;
  level.rowBlocks = kNarrowBlocks;
  level.queryBlocks = kNarrowQueries;
  return level;
}

static CpuTarget getAvx2() {
  CpuTarget level = getGeneric();
  level.name = "avx2";
  level.features = kAvx2Features;
  level.hasFma = true;
  level.hasHalfFloats = true;
  level.rowBlocks = kMediumBlocks;
  level.queryBlocks = kMediumQueries;
  return level;
}

static CpuTarget getAvx512() {
  CpuTarget level = getAvx2();
  level.name = "avx512";
  level.features = kAvx512Features;
  level.rowBlocks = kWideBlocks;
  level.queryBlocks = kWideQueries;
  return level;
}

static CpuTarget getAvx512Vnni() {
  CpuTarget level = getAvx512();
  level.name = "avx512-vnni";
  level.features = kAvx512VnniFeatures;
  level.hasInt8Dot = true;
  return level;
}

static CpuTarget getAvx512Bf16() {
  CpuTarget level = getAvx512Vnni();
  level.name = "avx512-bf16";
  level.features = kAvx512Bf16Features;
  level.hasBf16Dot = true;
  return level;
}

/// FMA and the conversions of f16 are part of the architecture.
static CpuTarget getNeon() {
  CpuTarget level = getGeneric();
  level.name = "neon";
  level.isArm = true;
  level.hasFma = true;
  level.hasHalfFloats = true;
  level.rowBlocks = kMediumBlocks;
  level.queryBlocks = kMediumQueries;
  return level;
}

static CpuTarget getNeonDot() {
  CpuTarget level = getNeon();
  level.name = "neon-dotprod";
  level.features = kNeonDotFeatures;
  level.hasInt8Dot = true;
  return level;
}

static CpuTarget getNeonBf16() {
  CpuTarget level = getNeonDot();
  level.name = "neon-bf16";
  level.features = kNeonBf16Features;
  level.hasBf16Dot = true;
  return level;
}

const CpuTarget &mlir::gemma::getCpuTarget(ArrayRef<StringRef> features,
                                           bool isArm) {
  // Best first.
  static const CpuTarget levels[] = {getAvx512Bf16(), getAvx512Vnni(),
                                     getAvx512(), getAvx2(), getGeneric()};
  static const CpuTarget arm[] = {getNeonBf16(), getNeonDot(), getNeon()};
  for (const CpuTarget &level :
       isArm ? ArrayRef<CpuTarget>(arm) : ArrayRef<CpuTarget>(levels)) {
    if (llvm::all_of(level.features, [&](StringRef feature) {
          return llvm::is_contained(features, feature);
        })) {
      return level;
    }
  }
  llvm_unreachable("the generic level needs no feature");
}

const CpuTarget &mlir::gemma::getCpuTarget(ModuleOp module) {
  TargetSpec spec = TargetSpec::of(module);
  SmallVector<StringRef> features(spec.features.begin(), spec.features.end());
  return getCpuTarget(features, spec.getTriple().isAArch64());
}
