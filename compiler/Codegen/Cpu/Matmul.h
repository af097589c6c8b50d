//===- Matmul.h - The matmul generator -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One generator for all encodings, numbers of rows and ops: an op says which
// panels of its weights an item takes and what becomes of the sums. Every sum
// is one ascending chain over K, so that a row's bits do not depend on the
// block of rows it is in; chains side by side hide the latency of the
// multiply-add.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_MATMUL_H
#define GEMMA_COMPILER_CODEGEN_CPU_MATMUL_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"
#include "dialect/PackedRows.h"

namespace mlir::gemma {

/// 16 columns of a packed weight: where their bytes start in a buffer.
struct WeightPanel {
  Value memory;
  Value offset;
};

class Matmul {
public:
  /// `weights` is the packed type of all weights that are multiplied, but for
  /// their number of columns; `x` a buffer of rows in the form it takes.
  Matmul(KernelBuilder &kernel, PackedType weights, Value x);

  /// A weight's bytes, of the same type for weights of all sizes.
  Value getMemory(Value argument);
  WeightPanel getPanel(Value memory, Value panel);

  /// Calls `body` for blocks of all rows: the first row of a block and the
  /// number of its rows.
  void forRowBlocks(llvm::function_ref<void(Value row, int64_t height)> body);

  /// Products of some rows and panels: 16 f32 lanes for panel p and row r at
  /// [p * rows.size() + r].
  SmallVector<Value> emit(ArrayRef<WeightPanel> panels, ArrayRef<Value> rows);

private:
  using Sums = SmallVector<Value>;
  Sums emitTogether(ArrayRef<WeightPanel> panels, ArrayRef<Value> rows);
  /// Sums plus the products of `count` steps from `step` on.
  Sums emitFloatSteps(ArrayRef<WeightPanel> panels, ArrayRef<Value> rows,
                      Value step, int64_t count, ValueRange sums);
  Sums emitSuperblock(ArrayRef<WeightPanel> panels, ArrayRef<Value> rows,
                      Value block, ValueRange sums);

  /// A vector of the weight, `bytes` behind the panel's `at`.
  Value loadWeights(const WeightPanel &panel, Value at, int64_t bytes,
                    VectorType type, int64_t alignment);
  Value loadFloatWeights(const WeightPanel &panel, Value step);
  /// One step of a row in one lane: an f32, or a pair of bf16 as i32.
  Value loadInput(Value row, Value step);
  /// A 32-bit word of a packed row in 16 lanes.
  Value loadWord(Value row, Value at, Type type);
  Value multiply(Value weights, Value input, Value sum);
  /// sum + products of 4 consecutive u8 of each of 16 columns and 4 i8.
  Value dot(Value sum, Value weights, Value input);
  Value lowHalf(Value pairs);
  Value highHalf(Value pairs);
  Value constant(VectorType type, int64_t bits);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  EncodingKind kind;
  int64_t depth;
  int64_t panelBytes;
  PackedRowLayout layout;
  Value x;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_MATMUL_H
