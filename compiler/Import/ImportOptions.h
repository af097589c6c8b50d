//===- ImportOptions.h - What the user asks of a compile --------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_IMPORTOPTIONS_H
#define GEMMA_COMPILER_IMPORT_IMPORTOPTIONS_H

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::gemma {

/// Becomes the module attribute gemma.options, which all later phases read.
struct ImportOptions {
  /// Encoding of matrices and of the KV cache: "f32" or "bf16".
  std::string weights = "bf16";
  /// Rows of one forward at most; sizes the scratch arena.
  int64_t maxRows = 512;
  std::string triple = "x86_64-unknown-linux-gnu";
  std::string cpu;
  /// LLVM's names of the features that are on, in any order.
  std::vector<std::string> features;
  /// Whether the artifact carries no weight bytes.
  bool stub = false;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_IMPORT_IMPORTOPTIONS_H
