//===- Log.h - What tools say on stderr -------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_LOG_H
#define GEMMA_RUNTIME_CORE_LOG_H

#include "runtime/core/Error.h"

#include <string_view>

namespace gemma {

/// Prints the one line `error: <message>` on stderr, control characters
/// escaped, and returns the error's exit code.
int printError(const Error &error);

/// Prints one line `warning: <message>` on stderr, control characters escaped.
void printWarning(std::string_view message);

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_LOG_H
