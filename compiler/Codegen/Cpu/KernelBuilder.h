//===- KernelBuilder.h - What the loops of all CPU kernels are made of -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_KERNELBUILDER_H
#define GEMMA_COMPILER_CODEGEN_CPU_KERNELBUILDER_H

#include "compiler/Dispatch/Grid.h"
#include "compiler/Target/CpuTarget.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::gemma {

/// A KV cache as a kernel sees it: two flat buffers, in which keys and values
/// lie as CacheLayout.h says, and the positions that a slot has room for, a
/// multiple of 64.
struct KernelCache {
  Value keys;
  Value values;
  Value capacity;
};

/// Emits the body of one kernel. Row-wise code is written once, in f32: loads
/// extend and stores round where a buffer holds bf16. Every width is known, so
/// that a loop is whole vectors and one shorter vector, without masks.
class KernelBuilder {
public:
  /// Called with a column and the number of lanes to work on there.
  using ColumnBody = llvm::function_ref<void(Value column, int64_t lanes)>;

  /// Creates the function that takes the place of `source`, which keeps its
  /// arguments until it is erased.
  KernelBuilder(func::FuncOp source, const CpuTarget &target);

  ImplicitLocOpBuilder b;
  const CpuTarget &target;

  /// The new function.
  func::FuncOp getKernel() { return kernel; }
  /// The new buffer for an argument of the source.
  Value getBuffer(Value argument) { return buffers.lookup(argument); }
  /// The new handles for a KV cache argument of the source.
  KernelCache getCache(Value argument) { return caches.lookup(argument); }
  /// The number of rows that the step works over.
  Value getRows() { return rows; }

  //===--- Loops ------------------------------------------------------===//

  /// Items of the grid.
  void forItems(llvm::function_ref<void(Value item)> body);
  /// Items of a grid with row_tile 1.
  void forRowTiles(const Grid &grid,
                   llvm::function_ref<void(Value row, Value tile)> body);
  void forRange(Value begin, Value end, int64_t step,
                llvm::function_ref<void(Value)> body);
  void forRange(Value begin, Value end, Value step,
                llvm::function_ref<void(Value)> body);
  /// A loop that carries values.
  llvm::SmallVector<Value> forRange(
      Value begin, Value end, int64_t step, ValueRange inits,
      llvm::function_ref<llvm::SmallVector<Value>(Value, ValueRange)> body);
  /// All columns [0, width).
  void forColumns(int64_t width, ColumnBody body);
  /// The columns of one tile of kColumnTile.
  void forTileColumns(Value tile, int64_t width, ColumnBody body);
  /// A branch without results; `orElse` may be null.
  void when(Value condition, llvm::function_ref<void()> then,
            llvm::function_ref<void()> orElse = nullptr);

  //===--- Indices ----------------------------------------------------===//

  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b);
  Value div(Value a, int64_t b);
  Value div(Value a, Value b);
  Value rem(Value a, int64_t b);
  Value rem(Value a, Value b);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value less(Value a, Value b);
  Value equal(Value a, Value b);
  /// Element `row` of a buffer of i32 row indices, as an index.
  Value loadIndex(Value buffer, Value row);

  //===--- Values in f32 ----------------------------------------------===//

  Value f32(double value);
  /// A vector of one constant.
  Value splat(double value, int64_t lanes);
  /// A vector of one value.
  Value broadcast(Value scalar, int64_t lanes);
  Value addF(Value a, Value b);
  Value subF(Value a, Value b);
  Value mulF(Value a, Value b);
  Value divF(Value a, Value b);
  /// a * b + c, fused where the target can.
  Value mulAdd(Value a, Value b, Value c);
  /// Sum of the lanes, in one order whatever the target.
  Value sumLanes(Value vector);
  Value maxLanes(Value vector);
  Value maxF(Value a, Value b);

  //===--- Memory -----------------------------------------------------===//

  /// `lanes` consecutive elements as f32.
  Value load(Value buffer, ValueRange indices, int64_t lanes);
  /// One element as f32.
  Value loadScalar(Value buffer, ValueRange indices);
  /// Stores f32 values, rounded if the buffer holds bf16.
  void store(Value vector, Value buffer, ValueRange indices);
  void storeScalar(Value scalar, Value buffer, ValueRange indices);
  /// bf16 to f32 and back (nearest even), for scalars and vectors.
  Value extend(Value value);
  Value round(Value value);
  /// A packed weight's bytes as a buffer of `shape`.
  Value viewWeight(Value argument, ArrayRef<int64_t> shape, Type element);
  /// A flat cache buffer with room for `size` elements.
  Value viewCache(Value buffer, Value size);
  /// Scratch of the function, outside all loops: f32, or bytes without a known
  /// size, like a weight's. Both begin a cache line.
  Value allocate(ArrayRef<int64_t> shape);
  Value allocateBytes(int64_t count);

private:
  Value allocate(MemRefType type);
  Value reduce(Value vector, llvm::function_ref<Value(Value, Value)> combine);

  func::FuncOp kernel;
  llvm::DenseMap<Value, Value> buffers;
  llvm::DenseMap<Value, KernelCache> caches;
  Value rows;
  Value begin;
  Value end;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_KERNELBUILDER_H
