//===- Lowerings.h - One function per op that a kernel can hold -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_LOWERINGS_H
#define GEMMA_COMPILER_CODEGEN_CPU_LOWERINGS_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"
#include "compiler/Codegen/Cpu/NormFactor.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::gemma {

/// Each emits the loops of `op` through `kernel`. `op` is in its buffer form,
/// on arguments of the kernel's source. The formula is the op's description;
/// each lives in a file of its own name beside this one.
LogicalResult lowerAttention(AttentionOp op, KernelBuilder &kernel);
LogicalResult lowerCacheWrite(CacheWriteOp op, KernelBuilder &kernel);
LogicalResult lowerElementwise(linalg::GenericOp op, KernelBuilder &kernel);
LogicalResult lowerEmbed(EmbedOp op, KernelBuilder &kernel);
LogicalResult lowerGeglu(GegluOp op, KernelBuilder &kernel);
LogicalResult lowerLinear(LinearOp op, KernelBuilder &kernel);
LogicalResult lowerLinearResidual(LinearResidualOp op, KernelBuilder &kernel);
LogicalResult lowerLmHead(LmHeadOp op, KernelBuilder &kernel);
LogicalResult lowerNormGeglu(NormGegluOp op, KernelBuilder &kernel);
LogicalResult lowerNormLinear(NormLinearOp op, KernelBuilder &kernel);
LogicalResult lowerNormQkv(NormQkvOp op, KernelBuilder &kernel);
LogicalResult lowerNormResidual(NormResidualOp op, KernelBuilder &kernel);
LogicalResult lowerPackRows(PackRowsOp op, KernelBuilder &kernel);
LogicalResult lowerRmsNorm(RmsNormOp op, KernelBuilder &kernel);
LogicalResult lowerRope(RopeOp op, KernelBuilder &kernel);
LogicalResult lowerRopeAttention(RopeAttentionOp op, KernelBuilder &kernel);
LogicalResult lowerSelectRows(SelectRowsOp op, KernelBuilder &kernel);
LogicalResult lowerSoftcap(SoftcapOp op, KernelBuilder &kernel);

/// gelu(gate) * up, 16 lanes or fewer.
Value emitGeglu(KernelBuilder &kernel, Gelu form, Value gate, Value up);
/// cap * tanh(x / cap).
Value emitSoftcap(KernelBuilder &kernel, Value x, double cap);
/// `values` as 16 lanes, zero beyond its own.
Value padLanes(KernelBuilder &kernel, Value values);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_LOWERINGS_H
