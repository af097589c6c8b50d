//===- GemmaDialect.h - The gemma dialect -----------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_GEMMADIALECT_H
#define GEMMA_DIALECT_GEMMADIALECT_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Dialect.h"

#include "dialect/GemmaDialect.h.inc"

#endif // GEMMA_DIALECT_GEMMADIALECT_H
