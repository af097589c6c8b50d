//===- RegisterAll.h - Everything that a tool around the IR knows *- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REGISTERALL_H
#define GEMMA_COMPILER_REGISTERALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace mlir::gemma {

/// Adds the gemma dialect and all of upstream's, with their extensions.
void registerAllDialects(DialectRegistry &registry);

/// Registers the passes and pipelines of every phase, the interpreter and all
/// of upstream's passes with the process. Call it once.
void registerAllPasses();

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_REGISTERALL_H
