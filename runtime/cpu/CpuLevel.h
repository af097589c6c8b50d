//===- CpuLevel.h - This machine's CPU in a few words -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CPU_CPULEVEL_H
#define GEMMA_RUNTIME_CPU_CPULEVEL_H

#include "runtime/cpu/CpuFeatures.h"

#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// A CPU as `gemma-compile --cpu` and the speed of an artifact care for it.
struct CpuLevel {
  /// On x86-64 the highest level of the psABI that the CPU has whole,
  /// "x86-64" to "x86-64-v4"; on aarch64 "armv8-a".
  std::string_view name;
  /// LLVM's names of what it has beyond the level for matrix products.
  std::vector<std::string_view> extras;
};

/// The level of a CPU of this build's architecture.
CpuLevel cpuLevel(const CpuSource &source);

} // namespace gemma

#endif // GEMMA_RUNTIME_CPU_CPULEVEL_H
