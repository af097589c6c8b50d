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
  // The two that know most about a norm's matmuls, before the one that takes
  // any; the one of rope before norm_qkv, which must not find q rotated.
  passes.addPass(createFuseNormGeglu());
  passes.addPass(createFuseLmHead());
  passes.addPass(createFuseRopeAttention());
  passes.addPass(createFuseNormQkv());
  passes.addPass(createFuseNormLinear());
  passes.addPass(createFuseLinearResidual());
  passes.addPass(createFuseNormResidual());
  passes.addPass(createVerifyFuse());
}
