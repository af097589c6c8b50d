//===- GemmaDialect.cpp - Registration of the gemma dialect ---------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaDialect.h"

#include "dialect/GemmaAttrs.h"
#include "dialect/GemmaOps.h"
#include "dialect/GemmaTypes.h"
#include "dialect/ModuleAttrs.h"

using namespace mlir;
using namespace mlir::gemma;

#include "dialect/GemmaDialect.cpp.inc"

void GemmaDialect::initialize() {
  registerAttributes();
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "dialect/GemmaOps.cpp.inc"
      >();
}

LogicalResult GemmaDialect::verifyOperationAttribute(Operation *op,
                                                     NamedAttribute attribute) {
  return verifyModuleAttribute(op, attribute);
}
