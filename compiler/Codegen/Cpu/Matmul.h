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
// With many rows K is cut into chunks whose weights stay in the first cache for
// all blocks of rows, and the sums wait in memory from chunk to chunk. With few
// the weights are streamed once, and prefetched.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_CODEGEN_CPU_MATMUL_H
#define GEMMA_COMPILER_CODEGEN_CPU_MATMUL_H

#include "compiler/Codegen/Cpu/KernelBuilder.h"
#include "dialect/PackedRows.h"

namespace mlir::gemma {

/// 16 columns of a packed weight: where their bytes start in a buffer, and how
/// many panels are skipped to get to the one that is read after them, which is
/// prefetched.
struct WeightPanel {
  Value memory;
  Value offset;
  int64_t between = 0;
};

/// Bytes of a cache line.
inline constexpr int64_t kCacheLine = 64;

/// Bytes of a superblock of 16 columns with f32 scales and a byte per integer.
inline constexpr int64_t kExpandedBytes =
    kPanel * (kSuperblock + 4 * (kSuperblock / kScaleBlock));

/// What the corrections of packed rows are too large by (dialect/PackedRows.h):
/// with byte dot products the bits of 1.5 * 2^23 as an f32, which makes the
/// sum's bits an f32 that is too large by just that.
int64_t getDotBias(const CpuTarget &target);
/// What the integers that are multiplied are too large by: the zero point of
/// those in memory, or 0 if their sign is flipped for signed dot products.
int64_t getDotZeroPoint(const CpuTarget &target, EncodingKind kind);

class Matmul {
public:
  /// `weights` is the packed type of all weights that are multiplied, but for
  /// their number of columns; `x` a buffer of rows in the form it takes.
  Matmul(KernelBuilder &kernel, PackedType weights, Value x);

  /// A weight's bytes, of the same type for weights of all sizes.
  Value getMemory(Value argument);
  WeightPanel getPanel(Value memory, Value panel);
  /// `count` neighbours, at most two, of which pairs are read one after
  /// another.
  SmallVector<WeightPanel> getPanels(Value memory, Value panel, int64_t count);

  /// Multiplies all rows of the kernel with `panels`: calls `store` with a row
  /// and 16 f32 lanes for each panel. `place` says which row of x a row is;
  /// null if they are the same.
  void forRows(ArrayRef<WeightPanel> panels,
               llvm::function_ref<void(Value row, ArrayRef<Value> sums)> store,
               llvm::function_ref<Value(Value row)> place = nullptr);

  /// The same for `groups` groups of panels, one after the other: for a tile of
  /// `tileRows` rows, a power of 2 up to 512, `store` gets every row and the
  /// sums of each group, then `finish` every row.
  void forRowTiles(
      int64_t tileRows, Value groups,
      llvm::function_ref<SmallVector<WeightPanel>(Value group)> getPanels,
      llvm::function_ref<void(Value row, Value group, ArrayRef<Value> sums)>
          store,
      llvm::function_ref<void(Value row)> finish);

private:
  using Sums = SmallVector<Value>;
  using Place = llvm::function_ref<Value(Value row)>;

  /// Rows [begin, end) times panels that are multiplied together, into the
  /// scratch from `lane` on.
  void emitTile(ArrayRef<WeightPanel> panels, Value begin, Value end,
                int64_t lane, Place place);
  /// For blocks of the rows: replaces sums in the scratch by what `emit` makes
  /// of them and of the rows of x.
  void forRowBlocks(Value begin, Value end, int64_t lane, size_t panels,
                    Place place,
                    llvm::function_ref<Sums(Value first, ArrayRef<Value> rows,
                                            ValueRange sums)>
                        emit);
  /// All panels for the rows [begin, end) of a tile.
  void
  emitPanels(ArrayRef<WeightPanel> panels, Value begin, Value end, Place place,
             llvm::function_ref<void(Value row, ArrayRef<Value> sums)> store);
  /// Memory for the sums of a tile of rows, `lanes` each.
  void allocateScratch(int64_t lanes);
  /// Where the scratch has a row's sums.
  SmallVector<Value, 2> getSumPlace(Value row, int64_t lane);

  /// Parts of K that loops count, superblocks or a few steps, and their bytes
  /// in a panel.
  int64_t countUnits() const;
  int64_t getUnitBytes() const;
  /// Units of a chunk, for many rows.
  int64_t getChunkUnits() const;
  /// Sums plus the products of a unit.
  Sums emitUnit(ArrayRef<WeightPanel> panels, ArrayRef<Value> rows, Value unit,
                ValueRange sums);

  //===--- Floats (MatmulFloats.cpp) ----------------------------------===//

  /// Steps of one value, or of a pair of bf16.
  int64_t getStepValues() const;
  int64_t countSteps() const;
  int64_t getStepBytes() const;
  /// Sums plus the products of `count` steps from `step` on.
  Sums emitSteps(ArrayRef<WeightPanel> panels, ArrayRef<Value> rows, Value step,
                 int64_t count, ValueRange sums);
  Value loadFloats(const WeightPanel &panel, Value step);
  /// One step of a row in one lane: an f32, or a pair of bf16 as i32.
  Value loadInput(Value row, Value step);
  Value multiply(Value weights, Value input, Value sum);
  Value lowHalf(Value pairs);
  Value highHalf(Value pairs);

  //===--- q8_0 and q4_0 (MatmulQuantized.cpp) ------------------------===//

  /// Superblocks [first, last) of many rows, by way of expanded ones.
  void emitExpanded(ArrayRef<WeightPanel> panels, Value begin, Value end,
                    Value first, Value last, int64_t lane, Place place);
  /// Sums plus the products of a superblock of the rows, whose weights are
  /// those of superblock `local` of the panels.
  Sums emitSuperblock(ArrayRef<WeightPanel> panels, ArrayRef<Value> rows,
                      Value block, Value local, ValueRange sums);
  /// Superblocks [begin, end) with a byte for each integer and f32
  /// scales, which is what many rows are multiplied with.
  SmallVector<WeightPanel> expand(ArrayRef<WeightPanel> panels, Value begin,
                                  Value end);
  /// f32 scales of a half of the superblock at byte `at`.
  Value loadScales(const WeightPanel &panel, Value at, int64_t half);
  /// Integers of the steps 2 * pair and 2 * pair + 1 of the superblock.
  std::pair<Value, Value> loadStepPair(const WeightPanel &panel, Value at,
                                       int64_t pair);
  /// A 32-bit word of a packed row in 16 lanes.
  Value loadWord(Value row, Value at, Type type);
  /// A block's integers, with the bias of the corrections, times its scales.
  Value scaleDot(Value dot, Value scales);

  //===--- Weights ----------------------------------------------------===//

  /// How far it is from byte `at` of the panels to the one that is read
  /// `distance` bytes later, in this panel or the next at its side.
  Value getAhead(ArrayRef<WeightPanel> panels, Value at, int64_t distance);
  /// Into the first cache, or into the second.
  void prefetch(const WeightPanel &panel, Value at, bool isFar = false);
  /// From here on a load of `panels` around byte `at` also prefetches a later
  /// one.
  void startPrefetch(ArrayRef<WeightPanel> panels, Value at);
  /// A vector of the weight, `bytes` behind the panel's `at`.
  Value loadWeights(const WeightPanel &panel, Value at, int64_t bytes,
                    VectorType type, int64_t alignment);
  Value constant(VectorType type, int64_t bits);

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  EncodingKind kind;
  int64_t depth;
  int64_t panelBytes;
  PackedRowLayout layout;
  Value x;
  /// f32 sums of a tile of rows, and expanded superblocks.
  Value scratch;
  Value expanded;
  /// Whether the panels in use are expanded ones.
  bool isExpanded = false;
  /// Bytes from a load to what it prefetches into the first and into the second
  /// cache; null if it does not.
  Value ahead;
  Value farAhead;
};

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_CODEGEN_CPU_MATMUL_H
