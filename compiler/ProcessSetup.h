//===- ProcessSetup.h - How a compiler process ends when it must -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_PROCESSSETUP_H
#define GEMMA_COMPILER_PROCESSSETUP_H

namespace mlir::gemma {

/// Sets up a tool's process so that every early end is orderly: temporary
/// files are removed, one line `error: ...` is printed, and the exit code is
/// that of runtime/core/Error.h.
///
/// * SIGINT, SIGTERM, SIGHUP: 130.
/// * no memory: 69. A file that may not grow is an error of the write (the
///   signal SIGXFSZ is ignored).
/// * an error inside LLVM that it cannot return: 70.
///
/// Call it once, first thing in main.
void setUpProcess();

/// Peak of this process's resident memory, in bytes.
unsigned long long getPeakMemory();

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_PROCESSSETUP_H
