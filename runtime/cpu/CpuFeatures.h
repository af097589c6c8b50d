//===- CpuFeatures.h - What this machine can execute ------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CPU_CPUFEATURES_H
#define GEMMA_RUNTIME_CPU_CPUFEATURES_H

#include "runtime/core/Result.h"
#include "runtime/core/Span.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

/// Architecture of this build by the first word of LLVM's triples: "x86_64",
/// "aarch64".
std::string_view machineArchitecture();

/// Whether a triple names the architecture and system of this build.
bool isThisMachine(std::string_view triple);

/// The four registers that CPUID returns: EAX, EBX, ECX, EDX.
struct CpuidRegisters {
  uint32_t value[4] = {0, 0, 0, 0};
};

/// Where the answers about a CPU come from; a test gives its own.
struct CpuSource {
  /// CPUID; zeros for a leaf beyond the CPU's highest. (x86-64)
  CpuidRegisters (*cpuid)(uint32_t leaf, uint32_t subleaf);
  /// XCR0, the register states that the system saves; 0 without XSAVE.
  /// (x86-64)
  uint64_t savedStates;
  /// AT_HWCAP and AT_HWCAP2. (aarch64)
  uint64_t capabilities[2];
};

/// This machine.
CpuSource thisCpu();

/// What of a list of features a CPU lacks.
struct MissingFeatures {
  /// Features that the CPU or its system does not have.
  std::vector<std::string> absent;
  /// Names that this runtime does not know and so cannot check.
  std::vector<std::string> unknown;
};

/// Checks LLVM feature names (those of llvm::sys::getHostCPUFeatures) of the
/// architecture of this build.
MissingFeatures missingFeatures(Span<const std::string_view> features,
                                const CpuSource &source);

/// Fails with Resource and the list of what is missing unless this machine can
/// run code for `device`, `triple` and `features`. `cpu` is the name that the
/// code was compiled for, for the message. Where the system wants to be asked
/// for a feature (AMX on Linux), asks.
Result<void> checkTarget(std::string_view device, std::string_view triple,
                         std::string_view cpu,
                         Span<const std::string_view> features);

} // namespace gemma

#endif // GEMMA_RUNTIME_CPU_CPUFEATURES_H
