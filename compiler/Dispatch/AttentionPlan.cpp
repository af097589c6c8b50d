//===- AttentionPlan.cpp - How attention is cut into items ----------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Dispatch/AttentionPlan.h"

#include "compiler/Target/CpuTarget.h"
#include "dialect/ModuleAttrs.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::gemma;

/// Where a module says nothing of its model's context.
static constexpr int64_t kUnknownContext = 8192;

/// The context of the model that `op` belongs to.
static int64_t getContext(Operation *op) {
  for (; op; op = op->getParentOp()) {
    if (auto model = op->getAttrOfType<DictionaryAttr>(kModelAttr)) {
      if (auto context = model.getAs<IntegerAttr>("context")) {
        return std::max<int64_t>(context.getInt(), 1);
      }
    }
  }
  return kUnknownContext;
}

AttentionPlan::AttentionPlan(AttentionOp op) { initialize(op); }

AttentionPlan::AttentionPlan(RopeAttentionOp op) { initialize(op); }

template <typename Op> void AttentionPlan::initialize(Op op) {
  KvCacheType cache = op.getCache().getType();
  int64_t columns = cast<ShapedType>(op.getQ().getType()).getDimSize(1);
  hasPartials = static_cast<bool>(op.getPartials());
  heads = cache.getHeads();
  headDim = cache.getHeadDim();
  group = columns / (heads * headDim);
  // Longer pieces for a long context, so that partials stay small.
  int64_t context = getContext(op);
  pieceKeys = std::max<int64_t>(
      kPieceKeys, llvm::alignTo(llvm::divideCeil(context, kMaxPieces), 64));
  pieces = llvm::divideCeil(context, pieceKeys);
  partialRows = kPartialRows;
  blockRows = std::clamp<int64_t>(kBlockQueries / group, 1, kBlockQueries / 2);
  // Half as many, so that a few rows give work to several threads.
  partialBlockRows =
      std::clamp<int64_t>(kBlockQueries / 2 / group, 1, partialRows);
}

int64_t AttentionPlan::getPartialColumns() const {
  return llvm::alignTo(headDim + 2, kLanes);
}

MemRefType AttentionPlan::getPartialsType(MLIRContext *context,
                                          int64_t maxRows) const {
  int64_t values = std::min(partialRows, maxRows) * heads * pieces * group *
                   getPartialColumns();
  int64_t columns = llvm::divideCeil(values, maxRows);
  return MemRefType::get({maxRows, columns}, Float32Type::get(context));
}
