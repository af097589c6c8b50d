//===- Emit.h - From a compiled module to an artifact -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_EMIT_H
#define GEMMA_COMPILER_EMIT_EMIT_H

#include "runtime/core/Result.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::gemma {

struct EmitOptions {
  std::string output;
  /// Threads for kernels and weights.
  unsigned jobs = 1;
  /// Whether a progress bar may be shown on a terminal.
  bool progress = true;
  /// Folder for NAME.mlir, NAME.ll and NAME.s of each kernel; "" = none.
  std::string dumpKernelsTo;
  /// Text of each kernel for NAME.mlir; one that is not here is written in the
  /// LLVM dialect.
  llvm::StringMap<std::string> kernelTexts;
  /// Gets a line for each type of a GGUF file's tensors whose values an
  /// encoding rounded.
  std::vector<std::string> *notes = nullptr;
};

/// Compiles the kernels of `module`, the output of phase llvm, and writes the
/// artifact: its bytes depend on the module, the weights and the tokenizer
/// only. Gives the artifact's size. Errors: as for WeightStore, buildProgram,
/// compileKernels and OutputFile; no file is left then.
::gemma::Result<uint64_t> emitArtifact(ModuleOp module,
                                       const EmitOptions &options);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_EMIT_H
