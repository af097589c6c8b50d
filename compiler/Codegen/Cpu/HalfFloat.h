//===- HalfFloat.h - f16 to f32 without the instruction ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_HALFFLOAT_H
#define GEMMA_COMPILER_CODEGEN_CPU_HALFFLOAT_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"

namespace mlir::gemma {

/// The f32 values of f16 ones, a scalar or a vector of f16 or of their bits
/// as i16. Exact for all finite values, subnormals too, in integers and one
/// exact difference: without F16C, arith.extf would become a call into a
/// library. Weights hold no infinity and no NaN, which it makes finite.
Value extendHalf(ImplicitLocOpBuilder &b, Value half);

/// The same for a vector of f16, by the target's instruction if it has one.
Value extendHalf(KernelBuilder &kernel, Value halves);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_HALFFLOAT_H
