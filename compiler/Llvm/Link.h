//===- Link.h - One shared object of all kernels ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_LLVM_LINK_H
#define GEMMA_COMPILER_LLVM_LINK_H

#include "compiler/Llvm/Object.h"
#include "runtime/core/Result.h"

#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace mlir::gemma {

/// Links the kernels into an ELF shared object, in process, and gives its
/// bytes, which depend on the kernels only. It exports one symbol per kernel
/// and needs no library; a symbol that none of them defines fails with
/// Internal, a folder for temporary files that cannot be written with
/// Resource.
::gemma::Result<std::string> linkKernels(llvm::ArrayRef<KernelObject> kernels);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_LLVM_LINK_H
