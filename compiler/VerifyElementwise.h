//===- VerifyElementwise.h - The form of elementwise ops on buffers -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_VERIFYELEMENTWISE_H
#define GEMMA_COMPILER_VERIFYELEMENTWISE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::gemma {

/// Checks the one form that phase bufferize writes and phases dispatch and
/// codegen read: operands are the rows in use of a buffer (a subview from its
/// start, of all its columns), all the same rows; every index is its place;
/// the body is one op over the inputs in their order, and yields its result.
/// Reports the first thing that is otherwise.
LogicalResult verifyElementwise(linalg::GenericOp generic);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_VERIFYELEMENTWISE_H
