//===- Phases.h - The phases of a compile and their order -------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_PHASES_H
#define GEMMA_COMPILER_PHASES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::gemma {

/// What a compile goes through, in this order. The order is here and in
/// Phases.cpp, and nowhere else.
enum class Phase {
  Import,
  Fuse,
  Pack,
  Bufferize,
  Dispatch,
  Codegen,
  Llvm,
  Emit
};

/// All phases, in order.
llvm::ArrayRef<Phase> getPhases();

/// The phase's one word: its folder under compiler/, its pipeline, its dumps,
/// its value of --compile-to.
llvm::StringRef getWord(Phase phase);

/// What the phase gives, in one line.
llvm::StringRef getDescription(Phase phase);

/// The phase of that word, if there is one.
std::optional<Phase> parsePhase(llvm::StringRef word);

/// Counted from 1, as in the names of dumps.
inline int getNumber(Phase phase) { return static_cast<int>(phase) + 1; }

/// Appends the passes of a phase, which run on the whole module; its verifier
/// is the last one.
void buildPhasePipeline(OpPassManager &passes, Phase phase);

/// Appends only the verifier, gemma-verify-<phase>.
void buildPhaseVerifier(OpPassManager &passes, Phase phase);

/// Registers the passes of all phases, and each phase's pipeline as
/// gemma-<phase>-pipeline, with the process.
void registerPhases();

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_PHASES_H
