//===- DotProducts.h - The dot product instructions of CPUs -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_DOTPRODUCTS_H
#define GEMMA_COMPILER_CODEGEN_CPU_DOTPRODUCTS_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"

namespace mlir::gemma {

/// 16 f32 plus the products of 16 pairs of bf16, on targets with hasBf16Dot:
/// vdpbf16ps, or bfdot of four lanes at a time.
Value dotPairs(KernelBuilder &kernel, Value sum, Value weights, Value inputs);

/// 16 i32 plus the products of 16 groups of four bytes. The 64 bytes of
/// `weights` are unsigned, or signed if the target's hasSignedDot says so
/// (below 128 both are the same); the 16 words of `inputs` are four signed
/// bytes each. vpdpbusd, or sdot of four lanes at a time, or else products of
/// words.
Value dotBytes(KernelBuilder &kernel, Value sum, Value weights, Value inputs);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_DOTPRODUCTS_H
