//===- TargetSpec.h - What machine the kernels are for ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_TARGET_TARGETSPEC_H
#define GEMMA_COMPILER_TARGET_TARGETSPEC_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"

#include <string>
#include <vector>

namespace mlir::gemma {

/// The machine of a module's `gemma.options`.
struct TargetSpec {
  /// LLVM's target triple.
  std::string triple = "x86_64-unknown-linux-gnu";
  /// LLVM's name of the CPU that code is scheduled for; "" = no one in
  /// particular. It adds no features.
  std::string cpu;
  /// LLVM's names of the features that code may use beyond the baseline of the
  /// architecture, sorted.
  std::vector<std::string> features;

  /// The options of `op`'s outermost module, or the baseline of x86-64 where
  /// it has none.
  static TargetSpec of(Operation *op);

  llvm::Triple getTriple() const { return llvm::Triple(triple); }
  bool has(llvm::StringRef feature) const;
  /// Whether fused multiply-add is an instruction.
  bool hasFma() const;
  /// Whether rounding to an integral value is an instruction.
  bool hasRounding() const;
  /// "+avx,+avx2,..." for LLVM's subtargets.
  std::string featureString() const;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_TARGET_TARGETSPEC_H
