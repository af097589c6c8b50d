//===- Compile.h - One compile, from phase to phase -------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_COMPILE_H
#define GEMMA_COMPILER_COMPILE_H

#include "compiler/Import/ImportOptions.h"
#include "compiler/Phases.h"
#include "compiler/UserPasses.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir::gemma {

/// Everything that gemma-compile's flags say.
struct CompileOptions {
  /// Folder of a checkpoint, or with `from` a dump; empty with `config`.
  std::string input;
  /// Name of a model with random weights, and their seed.
  std::string config;
  std::optional<uint64_t> seed;
  /// For phase import; not with `from`, as a dump has them.
  ImportOptions import;
  /// The input is the output of this phase.
  std::optional<Phase> from;
  /// The last phase.
  Phase to = Phase::Emit;
  /// In place of the checkpoint that a dump names; only with `from`.
  std::string checkpoint;
  /// Artifact or dump; empty = a name in the current folder made from the
  /// input's, or stdout for a dump.
  std::string output;
  std::string dumpPhasesTo;
  std::string dumpKernelsTo;
  std::vector<std::string> passPlugins;
  std::vector<UserPipeline> userPipelines;
  /// Threads.
  unsigned jobs = 1;
};

struct CompileReport {
  /// The artifact, empty if the compile ended before.
  std::string artifact;
  uint64_t artifactBytes = 0;
  /// Things worth knowing that are no errors, one line each.
  std::vector<std::string> notes;
};

/// Compiles. A dump of each phase, under the name STEM.<number>.<phase>.mlir,
/// is its complete output: compiling from it gives the same artifact to the
/// byte. Errors: InvalidUsage for options that exclude each other; NotFound,
/// InvalidData and Resource for inputs and outputs; Internal for a phase that
/// fails or crashes, with the command that replays it. No partial output is
/// left.
::gemma::Result<CompileReport> compile(const CompileOptions &options);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_COMPILE_H
