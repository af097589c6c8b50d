//===- gemma-reduce.cpp - Reduce a dump that shows a bug ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gemma-reduce dump.mlir -reduction-tree='traversal-mode=0 test=interesting.sh'
//
//===----------------------------------------------------------------------===//

#include "compiler/RegisterAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::gemma::registerAllDialects(registry);
  mlir::gemma::registerAllPasses();
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
