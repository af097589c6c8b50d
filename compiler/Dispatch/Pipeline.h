//===- Pipeline.h - Order of the passes of phase dispatch -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_DISPATCH_PIPELINE_H
#define GEMMA_COMPILER_DISPATCH_PIPELINE_H

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::gemma {

/// Appends the passes of phase dispatch, its verifier last.
void buildDispatchPipeline(OpPassManager &passes);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_DISPATCH_PIPELINE_H
