//===- ArmFeatures.h - Features of 64-bit Arm CPUs ------------ -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CPU_ARMFEATURES_H
#define GEMMA_RUNTIME_CPU_ARMFEATURES_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace gemma {

/// Whether a 64-bit Arm CPU has the feature that LLVM calls `name`, by what
/// Linux says about it: `capabilities` are AT_HWCAP and AT_HWCAP2. Nothing for
/// a name that is not known here. Part of every build, so that tests of any
/// architecture reach it.
std::optional<bool> hasArmFeature(std::string_view name,
                                  const uint64_t (&capabilities)[2]);

} // namespace gemma

#endif // GEMMA_RUNTIME_CPU_ARMFEATURES_H
