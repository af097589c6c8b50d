//===- CpuLevel.cpp - This machine's CPU in a few words -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CpuLevel.h"

#include <initializer_list>

using namespace gemma;

namespace {
/// What a level has beyond the one before it.
struct Level {
  std::string_view name;
  std::initializer_list<std::string_view> features;
};
} // namespace

#if defined(__x86_64__)
// x86-64 psABI, table 3.1, by LLVM's names.
static const Level kLevels[] = {
    {"x86-64", {}},
    {"x86-64-v2",
     {"cx16", "sahf", "popcnt", "sse3", "ssse3", "sse4.1", "sse4.2"}},
    {"x86-64-v3",
     {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave"}},
    {"x86-64-v4", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}},
};
static constexpr std::string_view kExtras[] = {
    "avxvnni",  "avx512vnni", "avx512bf16", "avx512fp16",
    "amx-tile", "amx-int8",   "amx-bf16",
};
#else
static const Level kLevels[] = {{"armv8-a", {"fp-armv8", "neon"}}};
static constexpr std::string_view kExtras[] = {
    "fullfp16", "dotprod", "i8mm", "bf16", "sve", "sve2",
};
#endif

static bool has(const CpuSource &source, Span<const std::string_view> names) {
  MissingFeatures missing = missingFeatures(names, source);
  return missing.absent.empty() && missing.unknown.empty();
}

CpuLevel gemma::cpuLevel(const CpuSource &source) {
  CpuLevel result;
  result.name = kLevels[0].name;
  for (const Level &level : kLevels) {
    if (!has(source, level.features)) {
      break;
    }
    result.name = level.name;
  }
  for (std::string_view extra : kExtras) {
    if (has(source, {extra})) {
      result.extras.push_back(extra);
    }
  }
  return result;
}
