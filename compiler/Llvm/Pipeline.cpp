//===- Pipeline.cpp - Order of the passes of phase llvm -------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Llvm/Pipeline.h"
#include "compiler/Llvm/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

/// Passes over the module @kernels, from vector loops to the LLVM dialect.
static void buildConversion(OpPassManager &kernels) {
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
  kernels.addPass(createConvertVectorToSCFPass(
      VectorTransferToSCFOptions().enableFullUnroll()));
  kernels.addPass(createSCFToControlFlowPass());
  kernels.addPass(memref::createExpandStridedMetadataPass());
  kernels.addPass(createLowerAffinePass());
  // Without the expansion, LLVM would round to bf16 by a library function on
  // CPUs that have no instruction for it, and flush subnormal numbers on those
  // that have one.
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  kernels.addPass(arith::createArithExpandOpsPass(expand));
  ConvertVectorToLLVMPassOptions vector;
  vector.x86Vector = true;
  kernels.addPass(createConvertVectorToLLVMPass(vector));
  kernels.addPass(createConvertMathToLLVMPass());
  kernels.addPass(createFinalizeMemRefToLLVMConversionPass());
  ConvertFuncToLLVMPassOptions func;
  func.useBarePtrCallConv = true;
  kernels.addPass(createConvertFuncToLLVMPass(func));
  kernels.addPass(createArithToLLVMConversionPass());
  kernels.addPass(createConvertIndexToLLVMPass());
  kernels.addPass(createConvertControlFlowToLLVMPass());
  kernels.addPass(createUBToLLVMConversionPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
  kernels.addPass(createCanonicalizerPass());
  kernels.addPass(createCSEPass());
}

void mlir::gemma::buildLlvmPipeline(OpPassManager &passes) {
  passes.addPass(createExpandMath());
  buildConversion(passes.nest<ModuleOp>());
  passes.addPass(createLegalizeFma());
  passes.addPass(createWrapKernels());
  passes.addPass(createVerifyLlvm());
}
