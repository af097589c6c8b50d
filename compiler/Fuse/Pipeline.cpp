//===- Pipeline.cpp - Order of the passes of phase fuse -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Fuse/Pipeline.h"

#include "compiler/Fuse/Passes.h"
#include "mlir/Pass/PassManager.h"

void mlir::gemma::buildFusePipeline(OpPassManager &passes) {
  passes.addPass(createVerifyFuse());
}
