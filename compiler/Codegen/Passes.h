//===- Passes.h - Passes of phase codegen -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_PASSES_H
#define GEMMA_COMPILER_CODEGEN_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::gemma {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "compiler/Codegen/Passes.h.inc"

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_PASSES_H
