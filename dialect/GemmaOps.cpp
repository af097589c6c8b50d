//===- GemmaOps.cpp - The ops of the gemma dialect ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/GemmaOps.h"

#define GET_OP_CLASSES
#include "dialect/GemmaOps.cpp.inc"
