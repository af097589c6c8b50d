//===- PassRunner.h - Runs passes and says in one line what failed -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_PASSRUNNER_H
#define GEMMA_COMPILER_PASSRUNNER_H

#include "runtime/core/Result.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <string>

namespace mlir::gemma {

/// Keeps the first error that MLIR reports while this lives, as one line
/// "message (file:line:column)"; prints warnings.
class ErrorCollector {
public:
  explicit ErrorCollector(MLIRContext *context);

  bool hasError() const { return !message.empty(); }
  /// The first error, or `otherwise` if there was none.
  std::string getMessage(llvm::StringRef otherwise) const;

private:
  std::string message;
  ScopedDiagnosticHandler handler;
};

/// Calls `body` so that a crash in it (SIGSEGV, abort, ...) comes back as an
/// Internal error that begins with `what`. After a crash memory may be
/// damaged: report, and end the process.
::gemma::Result<void>
guardAgainstCrash(llvm::StringRef what,
                  llvm::function_ref<::gemma::Result<void>()> body);

/// Runs `passes` on `module`. Errors: Internal, the first diagnostic.
::gemma::Result<void> runPasses(ModuleOp module, PassManager &passes);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_PASSRUNNER_H
