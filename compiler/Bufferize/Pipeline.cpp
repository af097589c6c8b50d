//===- Pipeline.cpp - Order of the passes of phase bufferize -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Bufferize/Pipeline.h"

#include "compiler/Bufferize/Passes.h"
#include "mlir/Pass/PassManager.h"

void mlir::gemma::buildBufferizePipeline(OpPassManager &passes) {
  passes.addPass(createLowerToBuffers());
  passes.addPass(createSplitAttention());
  passes.addPass(createPlanArena());
  passes.addPass(createVerifyBufferize());
}
