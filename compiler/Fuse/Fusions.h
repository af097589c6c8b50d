//===- Fusions.h - What phase fuse may fuse ---------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fusion takes a few ops that are better done together as one. Each has a
// pass, in a file of its own; this header is what the passes, the phase's
// verifier and the command line share.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_FUSE_FUSIONS_H
#define GEMMA_COMPILER_FUSE_FUSIONS_H

#include "dialect/GemmaOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::gemma {

// The words of --no-fuse.
inline constexpr llvm::StringLiteral kNormLinear = "norm-linear";
inline constexpr llvm::StringLiteral kNormGeglu = "norm-geglu";
inline constexpr llvm::StringLiteral kRopeAttention = "rope-attention";
inline constexpr llvm::StringLiteral kLinearResidual = "linear-residual";
inline constexpr llvm::StringLiteral kNormResidual = "norm-residual";
inline constexpr llvm::StringLiteral kLmHead = "lm-head";

/// All of these words.
llvm::ArrayRef<llvm::StringLiteral> getFusionWords();

/// Whether gemma.options of `module` leaves fusion `word` on. All are on in a
/// module without options.
bool isFusionEnabled(ModuleOp module, llvm::StringRef word);

/// One fusion, for those who ask about all of them.
struct Fusion {
  /// The op that it makes, without the dialect's name.
  llvm::StringLiteral op;
  /// The words that switch it off, each by itself.
  llvm::ArrayRef<llvm::StringLiteral> words;
  /// Whether it takes the ops around `root`.
  bool (*takes)(Operation *root);

  bool isEnabled(ModuleOp module) const;
};

/// All fusions, in the order of their passes.
llvm::ArrayRef<Fusion> getFusions();

// `Fusion::takes` of each fusion, beside its pass. The root is the geglu, the
// select_rows, the attention, the cache_write, the rms_norm, the addf (of the
// last two).

bool takesNormGeglu(Operation *root);
bool takesLmHead(Operation *root);
bool takesRopeAttention(Operation *root);
bool takesNormQkv(Operation *root);
bool takesNormLinear(Operation *root);
bool takesLinearResidual(Operation *root);
bool takesNormResidual(Operation *root);

/// Calls `fuse` for every op of type `Root` in `module`, if all of `words` are
/// on. `fuse` may erase its root, but no other one.
template <typename Root, typename Fuse>
void fuseAll(ModuleOp module, llvm::ArrayRef<llvm::StringLiteral> words,
             Fuse fuse) {
  for (llvm::StringRef word : words) {
    if (!isFusionEnabled(module, word)) {
      return;
    }
  }
  llvm::SmallVector<Root> roots;
  module.walk([&](Root root) { roots.push_back(root); });
  for (Root root : roots) {
    fuse(root);
  }
}

//===----------------------------------------------------------------------===//
// What the matchers ask
//===----------------------------------------------------------------------===//

/// The op of type `Op` that makes `value` in the block of `reader` and that
/// nobody else reads; null if there is none.
template <typename Op> Op getOnlyReadBy(Value value, Operation *reader) {
  auto op = value.getDefiningOp<Op>();
  return op && value.hasOneUse() && op->getBlock() == reader->getBlock() ? op
                                                                         : Op();
}

/// The op of type `Op` that reads `value`, once and alone, in the block of
/// `maker`; null if there is none.
template <typename Op> Op getOnlyReader(Value value, Operation *maker) {
  if (!value.hasOneUse()) {
    return Op();
  }
  auto op = llvm::dyn_cast<Op>(*value.getUsers().begin());
  return op && op->getBlock() == maker->getBlock() ? op : Op();
}

/// Whether `norm` is one that a matmul can apply to its sums: over whole rows,
/// on f32 tensors.
bool isRowNorm(RmsNormOp norm);

/// Whether `norm` is one of every head of `headDim`, on f32 tensors.
bool isHeadNorm(RmsNormOp norm, int64_t headDim);

/// Whether `add` adds f32 rows, as tensors, in the order that it says.
bool isPlainAdd(arith::AddFOp add);

/// Whether `linear` multiplies f32 rows, as tensors, with a weight that has no
/// encoding yet.
bool isPlainLinear(LinearOp linear);

/// Whether `rope` rotates all pairs of the heads of `cache`, and head_dim is a
/// multiple of 32, so that code finds both halves of a pair at multiples of a
/// panel.
bool rotatesHeadsOf(RopeOp rope, KvCacheType cache);

/// The element type of a weight.
Type getWeightElement(Value weight);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_FUSE_FUSIONS_H
