//===- GemmaAttrs.h - Encodings, weight sources and enums -------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_DIALECT_GEMMAATTRS_H
#define GEMMA_DIALECT_GEMMAATTRS_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallVector.h"

#include "dialect/GemmaEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/GemmaAttrs.h.inc"

#endif // GEMMA_DIALECT_GEMMAATTRS_H
