//===- RegisterAll.cpp - Everything that a tool around the IR knows -------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/RegisterAll.h"

#include "compiler/Phases.h"
#include "compiler/Reference/Passes.h"
#include "dialect/GemmaDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

void mlir::gemma::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<GemmaDialect>();
}

void mlir::gemma::registerAllPasses() {
  mlir::registerAllPasses();
  registerPhases();
  registerGemmaReferencePasses();
}
