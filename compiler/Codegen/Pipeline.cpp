//===- Pipeline.cpp - Order of the passes of phase codegen -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Pipeline.h"

#include "compiler/Codegen/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

void mlir::gemma::buildCodegenPipeline(OpPassManager &passes) {
  passes.addPass(createLowerKernelsToCpu());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(createVerifyCodegen());
}
