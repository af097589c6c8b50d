//===- Pipeline.cpp - Order of the passes of phase emit -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Emit/Pipeline.h"
#include "compiler/Emit/Passes.h"

#include "mlir/Pass/PassManager.h"

void mlir::gemma::buildEmitPipeline(OpPassManager &passes) {
  passes.addPass(createVerifyEmit());
}
