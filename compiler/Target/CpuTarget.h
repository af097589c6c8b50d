//===- CpuTarget.h - Tile sizes and instructions of a CPU, as data -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_TARGET_CPUTARGET_H
#define GEMMA_COMPILER_TARGET_CPUTARGET_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::gemma {

/// Columns of a weight that lie together: one 512-bit register of f32 sums.
/// The same on every CPU, so that an encoding's bytes do not depend on it.
inline constexpr int64_t kPanel = 16;

/// Keys of a piece of attention (compiler/Dispatch/AttentionPlan.h) at least,
/// and pieces of a context at most.
inline constexpr int64_t kPieceKeys = 512;
inline constexpr int64_t kMaxPieces = 16;

/// Rows of a forward whose attention is spread over threads piece by piece, at
/// most; and queries of one item about: what is kept for them fits the L2.
inline constexpr int64_t kPartialRows = 8;
inline constexpr int64_t kBlockQueries = 64;

/// f32 values that elementwise loops take at once.
inline constexpr int64_t kLanes = 16;

/// Columns of one item of an elementwise kernel.
inline constexpr int64_t kColumnTile = 1024;

/// The widest heads whose keys norm_qkv norms: its kernel keeps the products of
/// a tile of rows with a head on the stack.
inline constexpr int64_t kMaxNormedHeadDim = 256;

/// What code generation asks of a CPU level.
struct CpuTarget {
  llvm::StringRef name;
  /// LLVM features that the level needs, all of them.
  llvm::ArrayRef<llvm::StringRef> features;
  /// Fused multiply-add; without it a product is rounded before the sum.
  bool hasFma = false;
  /// NEON, not the vectors of x86.
  bool isArm = false;
  /// vdpbf16ps, bfdot.
  bool hasBf16Dot = false;
  /// vcvtph2ps, fcvtl.
  bool hasHalfFloats = false;
  /// vpdpbusd over 512 bits, sdot.
  bool hasInt8Dot = false;
  /// Panels that one item of a matmul takes together.
  int64_t panelsPerItem = 2;
  /// How far ahead of its loads of weights a matmul prefetches into the first
  /// cache, and, farther, into the second; 0 = not at all.
  int64_t prefetchBytes = 0;
  int64_t farPrefetchBytes = 0;
  /// Bytes of a panel that a matmul of many rows keeps in the first cache.
  int64_t chunkBytes = 0;
  /// Numbers of rows that the matmul has code for, descending, ending in 1.
  llvm::ArrayRef<int64_t> rowBlocks;
  /// Numbers of queries that attention takes together, each with two vectors
  /// of keys or channels; descending, ending in 1.
  llvm::ArrayRef<int64_t> queryBlocks;

  /// sdot multiplies signed bytes only, vpdpbusd unsigned by signed ones.
  bool hasSignedDot() const { return isArm && hasInt8Dot; }
};

/// The best level for a list of LLVM feature names.
const CpuTarget &getCpuTarget(llvm::ArrayRef<llvm::StringRef> features,
                              bool isArm = false);

/// The best level for the features in the module's attribute gemma.options;
/// the generic one if there are none.
const CpuTarget &getCpuTarget(ModuleOp module);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_TARGET_CPUTARGET_H
