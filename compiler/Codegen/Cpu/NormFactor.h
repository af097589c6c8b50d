//===- NormFactor.h - The factor of a row's RMSNorm -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_NORMFACTOR_H
#define GEMMA_COMPILER_CODEGEN_CPU_NORMFACTOR_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"

namespace mlir::gemma {

/// 1 / sqrt(mean(x^2) + epsilon) over columns [first, first + width) of a row,
/// summed in one order whatever the target.
Value getNormFactor(KernelBuilder &kernel, Value x, Value row, Value first,
                    int64_t width, double epsilon);

/// values * f(w) with f(w) = 1 + w if `unitOffset`, else w, for the columns
/// from `column` on. `weight` is a view of f32.
Value scaleByNorm(KernelBuilder &kernel, Value values, Value weight,
                  Value column, bool unitOffset);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_NORMFACTOR_H
