//===- Forward.h - One forward of a program, in any form --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_FORWARD_H
#define GEMMA_COMPILER_REFERENCE_FORWARD_H

#include "compiler/Reference/Interpreter.h"

namespace mlir::gemma::reference {

/// What @forward takes.
struct ForwardRows {
  /// One entry per row.
  std::vector<int64_t> tokens;
  std::vector<int64_t> positions;
  std::vector<int64_t> slots;
  /// Numbers of the rows whose logits are asked for.
  std::vector<int64_t> outRows;

  /// A run: `tokens` in `slot` from `position` on, with all logits.
  static ForwardRows makeRun(llvm::ArrayRef<int64_t> tokens, int64_t slot,
                             int64_t position);
};

/// Logits, row-major.
struct Logits {
  int64_t rows = 0;
  int64_t vocab = 0;
  std::vector<double> values;
};

/// The module's @forward. Reports a module without one.
FailureOr<func::FuncOp> getForward(ModuleOp module);

/// Rows that one forward takes at most; nullopt for a program on tensors,
/// which takes any number.
std::optional<int64_t> getMaxRows(func::FuncOp forward);

/// Runs @forward, whose arguments are tensors or buffers. KV caches of
/// `interpreter` are read and written.
FailureOr<Logits> runForward(Interpreter &interpreter, const ForwardRows &rows);

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_FORWARD_H
