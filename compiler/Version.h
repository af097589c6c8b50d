//===- Version.h - The compiler's version -----------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_VERSION_H
#define GEMMA_COMPILER_VERSION_H

namespace mlir::gemma {

/// Version of the compiler, as CMakeLists.txt has it. It is written into every
/// artifact.
inline constexpr const char *kVersion = "0.1.0";

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_VERSION_H
