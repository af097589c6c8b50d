//===- ProcessSetup.cpp - How a compiler process ends when it must --------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/ProcessSetup.h"

#include "runtime/core/Error.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"

#include <csignal>
#include <cstring>
#include <new>
#include <sys/resource.h>
#include <unistd.h>

using ::gemma::ErrorCode;

/// Prints `error: <message>` and ends the process. No memory is taken and no
/// lock: this may run in a signal handler.
[[noreturn]] static void end(ErrorCode code, const char *message) {
  // A progress bar may stand in the line.
  const char *start = isatty(STDERR_FILENO) ? "\r\033[Kerror: " : "error: ";
  for (const char *text : {start, message, "\n"}) {
    (void)!write(STDERR_FILENO, text, std::strlen(text));
  }
  _exit(static_cast<int>(code));
}

/// LLVM has removed the temporary files when it calls this.
static void onInterrupt() { end(ErrorCode::Interrupted, "interrupted"); }

static void onNoMemory() {
  llvm::sys::RunInterruptHandlers();
  end(ErrorCode::Resource, "out of memory");
}

static void onNoMemoryInLlvm(void *, const char *, bool) { onNoMemory(); }

static void onFatalError(void *, const char *reason, bool) {
  llvm::sys::RunInterruptHandlers();
  end(ErrorCode::Internal, reason);
}

void mlir::gemma::setUpProcess() {
  llvm::setBugReportMsg(
      "This is a bug of the Gemma compiler: please report it with the "
      "command above and its inputs.\n");
  llvm::sys::SetInterruptFunction(onInterrupt);
  std::set_new_handler(onNoMemory);
  llvm::install_bad_alloc_error_handler(onNoMemoryInLlvm);
  llvm::install_fatal_error_handler(onFatalError);
  std::signal(SIGXFSZ, SIG_IGN);
}

unsigned long long mlir::gemma::getPeakMemory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<unsigned long long>(usage.ru_maxrss) * 1024;
}
