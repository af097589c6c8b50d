//===- Object.h - Machine code of the kernels -------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_LLVM_OBJECT_H
#define GEMMA_COMPILER_LLVM_OBJECT_H

#include "runtime/core/Result.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace mlir::gemma {

/// One kernel, compiled.
struct KernelObject {
  std::string name;
  /// A relocatable ELF file.
  std::string object;
  /// LLVM IR after optimisation and assembly; empty unless asked for.
  std::string llvmIr;
  std::string assembly;
};

struct ObjectOptions {
  /// Whether to give `llvmIr` and `assembly` too.
  bool withText = false;
  /// Kernels compiled at a time.
  unsigned jobs = 1;
};

/// Compiles every public function of the module `@kernels` of `module`, which
/// is the output of phase llvm, for the target of its `gemma.options`, each
/// with the private functions it needs. The bytes depend on the module only,
/// in the order of the functions. Fails with Internal on what LLVM refuses and
/// with InvalidData on a target that it does not know.
::gemma::Result<std::vector<KernelObject>>
compileKernels(ModuleOp module, const ObjectOptions &options);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_LLVM_OBJECT_H
