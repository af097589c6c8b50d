//===- Kernels.h - The module of kernels ------------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_LLVM_KERNELS_H
#define GEMMA_COMPILER_LLVM_KERNELS_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::gemma {

/// Name of the nested module that holds the kernels.
inline constexpr llvm::StringLiteral kKernelsModule = "kernels";

/// The nested module `@kernels`, null if there is none.
inline ModuleOp getKernels(ModuleOp module) {
  for (ModuleOp nested : module.getOps<ModuleOp>()) {
    if (nested.getSymName() == kKernelsModule) {
      return nested;
    }
  }
  return nullptr;
}

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_LLVM_KERNELS_H
