//===- CpuTarget.cpp - Tile sizes and instructions of a CPU, as data -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Target/CpuTarget.h"

#include "dialect/ModuleAttrs.h"
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
static constexpr llvm::StringRef kAvx2Features[] = {"avx2", "fma"};

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

// Best first.
static const CpuTarget kLevels[] = {
    {"avx512-bf16", kAvx512Bf16Features, true, true, true, 2, kWideBlocks,
     kWideQueries},
    {"avx512-vnni", kAvx512VnniFeatures, true, false, true, 2, kWideBlocks,
     kWideQueries},
    {"avx512", kAvx512Features, true, false, false, 2, kWideBlocks,
     kWideQueries},
    {"avx2", kAvx2Features, true, false, false, 2, kMediumBlocks,
     kMediumQueries},
    {"generic", {}, false, false, false, 2, kNarrowBlocks, kNarrowQueries},
};

const CpuTarget &mlir::gemma::getCpuTarget(ArrayRef<StringRef> features) {
  for (const CpuTarget &level : kLevels) {
    if (llvm::all_of(level.features, [&](StringRef feature) {
          return llvm::is_contained(features, feature);
        })) {
      return level;
    }
  }
  llvm_unreachable("the generic level needs no feature");
}

const CpuTarget &mlir::gemma::getCpuTarget(ModuleOp module) {
  SmallVector<StringRef> features;
  if (auto options = module->getAttrOfType<DictionaryAttr>(kOptionsAttr)) {
    if (auto list = options.getAs<ArrayAttr>("features")) {
      for (auto feature : list.getAsRange<StringAttr>()) {
        features.push_back(feature.getValue());
      }
    }
  }
  return getCpuTarget(features);
}
