//===- Grid.h - How a kernel's work is cut into items -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_DISPATCH_GRID_H
#define GEMMA_COMPILER_DISPATCH_GRID_H

#include "compiler/Target/CpuTarget.h"
#include "dialect/GemmaOps.h"
#include "mlir/IR/Operation.h"

namespace mlir::gemma {

/// The module in which kernels lie.
inline constexpr llvm::StringLiteral kKernelModule = "kernels";

/// Items of a kernel: `tiles` if `rowTile` is 0, else
/// `tiles * ceil(rows / rowTile)`. Item i is tile `i mod tiles` of row tile
/// `i / tiles`. The one place that says so: phase dispatch writes it into the
/// step list, phase codegen reads items by it.
struct Grid {
  int64_t tiles;
  int64_t rowTile;
};

/// Items of gemma.norm_qkv, which come in this order. An item of keys is a pair
/// of panels that rotate with each other, or a whole head if keys are normed;
/// all others are two neighbouring panels.
struct QkvItems {
  explicit QkvItems(NormQkvOp op);

  int64_t keys;
  int64_t values;
  int64_t queries;
};

/// The grid of a decoder op in its buffer form or an elementwise
/// linalg.generic.
Grid getGrid(Operation *op, const CpuTarget &target);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_DISPATCH_GRID_H
