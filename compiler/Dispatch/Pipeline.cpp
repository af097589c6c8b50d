//===- Pipeline.cpp - Order of the passes of phase dispatch -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Dispatch/Pipeline.h"

#include "compiler/Dispatch/Passes.h"
#include "mlir/Pass/PassManager.h"

void mlir::gemma::buildDispatchPipeline(OpPassManager &passes) {
  passes.addPass(createOutlineKernels());
  passes.addPass(createVerifyDispatch());
}
