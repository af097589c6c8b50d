//===- Pipeline.cpp - Order of the passes of phase pack -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pack/Pipeline.h"

#include "compiler/Pack/Passes.h"
#include "mlir/Pass/PassManager.h"

void mlir::gemma::buildPackPipeline(OpPassManager &passes) {
  passes.addPass(createAddRopeTables());
  passes.addPass(createPlanEncodings());
  passes.addPass(createPackMatmulInputs());
  passes.addPass(createFoldPackRows());
  passes.addPass(createVerifyPack());
}
