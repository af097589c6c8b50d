//===- HostCpu.h - CPUs by name and the host's own --------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_TARGET_HOSTCPU_H
#define GEMMA_COMPILER_TARGET_HOSTCPU_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::gemma {

/// A CPU to generate code for.
struct Cpu {
  std::string triple;
  /// LLVM's name.
  std::string name;
  /// The features among `getCodegenFeatures` that it has, sorted.
  std::vector<std::string> features;
};

/// The features that generated code may use and that an artifact may therefore
/// require: vector, fused multiply-add and bit instructions, by LLVM's names,
/// sorted. What is not here (AMX, AES, ...) is never turned on. SSE2 is part
/// of x86-64, NEON of AArch64.
llvm::ArrayRef<llvm::StringLiteral>
getCodegenFeatures(const llvm::Triple &triple);

/// The machine that this runs on. Its features are those that the runtime finds
/// here (runtime/cpu/CpuFeatures.h), not those of its name: virtual machines
/// report names that do not fit.
Cpu getHostCpu();

/// LLVM's triple of a machine that the runtime knows, 64-bit x86 or Arm with
/// Linux and the GNU C library, from any spelling that LLVM takes:
/// "aarch64-linux-gnu", "arm64-unknown-linux", "x86_64". The host's if `name`
/// is empty; nothing for other machines.
std::optional<std::string> getTriple(llvm::StringRef name);

/// What to compile for where no CPU is named: the host if `triple` is of its
/// architecture, else the baseline of the other one (x86-64, generic).
Cpu getDefaultCpu(llvm::StringRef triple);

/// The CPU `name` of `triple` (the host's if empty), nothing if LLVM does not
/// know it or it is no 64-bit CPU.
std::optional<Cpu> getNamedCpu(llvm::StringRef name,
                               llvm::StringRef triple = "");

/// All names that `getNamedCpu` takes, sorted.
std::vector<std::string> getCpuNames(llvm::StringRef triple = "");

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_TARGET_HOSTCPU_H
