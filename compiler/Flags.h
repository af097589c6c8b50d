//===- Flags.h - From the words of a command line to options ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_FLAGS_H
#define GEMMA_COMPILER_FLAGS_H

#include "compiler/Compile.h"

namespace mlir::gemma {

/// Parses a command line by llvm::cl. Ends the process with 0 on --help and
/// --version. Errors: InvalidUsage, the first of LLVM's messages.
::gemma::Result<void> parseCommandLine(int argc, char **argv,
                                       const char *overview);

/// The phase of the word that `flag` was given. Errors: InvalidUsage.
::gemma::Result<Phase> readPhase(llvm::StringRef flag, llvm::StringRef word);

/// The number that `flag` was given. Errors: InvalidUsage unless it is in
/// [low, high].
::gemma::Result<uint64_t> readNumber(llvm::StringRef flag, llvm::StringRef word,
                                     uint64_t low, uint64_t high);

/// The value of --run-after, PHASE:PIPELINE. Errors: InvalidUsage.
::gemma::Result<UserPipeline> readUserPipeline(llvm::StringRef value);

/// The fusions that `flag` switches off: words between commas, all or none. In
/// the order of Fuse/Fusions.h, each once. Errors: InvalidUsage.
::gemma::Result<std::vector<std::string>> readFusions(llvm::StringRef flag,
                                                      llvm::StringRef value);

/// The triple of the machine that --target names, this machine's if `target`
/// is empty. Errors: InvalidUsage.
::gemma::Result<std::string> readTarget(llvm::StringRef target);

/// Sets triple, CPU and features to those of the CPU `name` of the machine
/// `target`. If `name` is empty it is this machine's CPU, or the baseline of
/// another architecture. Errors: InvalidUsage.
::gemma::Result<void> setTarget(ImportOptions &options, llvm::StringRef name,
                                llvm::StringRef target = "");

/// "model.gemma: 12.3 MB in 4.5 s, peak memory 210 MB".
std::string describe(const CompileReport &report, double seconds,
                     unsigned long long peakMemory);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_FLAGS_H
