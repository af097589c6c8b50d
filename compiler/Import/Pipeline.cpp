//===- Pipeline.cpp - Order of the passes of phase import -----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Pipeline.h"

#include "compiler/Import/Passes.h"
#include "mlir/Pass/PassManager.h"

void mlir::gemma::buildImportPipeline(OpPassManager &passes) {
  passes.addPass(createVerifyImport());
}
