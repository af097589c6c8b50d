//===- Log.cpp - What tools say on stderr ---------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/core/Log.h"

#include "runtime/core/Text.h"

#include <cstdio>

using namespace gemma;

// Longer messages hold a hostile name or path; the start says enough.
static constexpr size_t kMaxLine = 4096;

int gemma::printError(const Error &error) {
  std::fprintf(stderr, "error: %s\n",
               printable(error.message, kMaxLine).c_str());
  return error.exitCode();
}

void gemma::printWarning(std::string_view message) {
  std::fprintf(stderr, "warning: %s\n", printable(message, kMaxLine).c_str());
}
