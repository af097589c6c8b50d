//===- gemma-opt.cpp - Run passes over a dump -----------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// gemma-opt model.2.fuse.mlir --gemma-pack-pipeline
// gemma-opt model.3.pack.mlir --gemma-interpret='tokens=2,5,7 output=out.npy'
//
//===----------------------------------------------------------------------===//

#include "compiler/RegisterAll.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::gemma::registerAllDialects(registry);
  mlir::gemma::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "Passes and pipelines of the Gemma compiler\n", registry));
}
