//===- VerifyTensorGraph.h - What a graph on tensors may hold -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_VERIFYTENSORGRAPH_H
#define GEMMA_COMPILER_VERIFYTENSORGRAPH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::gemma {

/// The name of a program's one entry.
inline constexpr llvm::StringLiteral kEntryName = "forward";

/// The entry of `module`, which has one block, in any phase. Reports what is
/// missing.
FailureOr<func::FuncOp> getEntry(ModuleOp module);

/// Whether weights are still tensors, or have an encoding.
enum class WeightForm { Tensor, Packed };

/// Checks the border that phases import, fuse and pack share: the entry has
/// the signature (tokens, positions, slots, out_rows) -> logits and one block
/// of gemma ops in their tensor form and elementwise arith and math ops; all
/// weights are in `form`. Reports the first op that is none of these.
LogicalResult verifyTensorGraph(ModuleOp module, WeightForm form);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_VERIFYTENSORGRAPH_H
