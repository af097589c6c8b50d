//===- PassRunner.cpp - Runs passes and says in one line what failed ------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/PassRunner.h"

#include "runtime/core/Log.h"

#include "llvm/Support/CrashRecoveryContext.h"

#include <cstring>

using namespace mlir;
using namespace mlir::gemma;
using ::gemma::Result;

/// "message (file:line:column)".
static std::string describe(Diagnostic &diagnostic) {
  std::string text = diagnostic.str();
  llvm::StringRef line = llvm::StringRef(text).split('\n').first;
  std::string result = line.str();
  if (auto place = diagnostic.getLocation()->findInstanceOf<FileLineColLoc>()) {
    llvm::raw_string_ostream(result)
        << " (" << place.getFilename().getValue() << ":" << place.getLine()
        << ":" << place.getColumn() << ")";
  }
  return result;
}

ErrorCollector::ErrorCollector(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        switch (diagnostic.getSeverity()) {
        case DiagnosticSeverity::Error:
          if (message.empty()) {
            message = describe(diagnostic);
          }
          break;
        case DiagnosticSeverity::Warning:
          ::gemma::printWarning(describe(diagnostic));
          break;
        case DiagnosticSeverity::Note:
        case DiagnosticSeverity::Remark:
          break;
        }
        return success();
      }) {}

std::string ErrorCollector::getMessage(llvm::StringRef otherwise) const {
  return message.empty() ? otherwise.str() : message;
}

Result<void>
mlir::gemma::guardAgainstCrash(llvm::StringRef what,
                               llvm::function_ref<Result<void>()> body) {
  llvm::CrashRecoveryContext::Enable();
  llvm::CrashRecoveryContext recovery;
  Result<void> result;
  if (recovery.RunSafely([&] { result = body(); })) {
    return result;
  }
  // The context gives what a shell would: 128 + signal.
  int signal = recovery.RetCode - 128;
  const char *name = signal > 0 ? strsignal(signal) : nullptr;
  return ::gemma::internalError(what.str() + " crashed" +
                                (name ? " (" + std::string(name) + ")" : ""));
}

Result<void> mlir::gemma::runPasses(ModuleOp module, PassManager &passes) {
  ErrorCollector errors(module.getContext());
  if (failed(passes.run(module))) {
    return ::gemma::internalError(
        errors.getMessage("a pass failed without saying why"));
  }
  return {};
}
