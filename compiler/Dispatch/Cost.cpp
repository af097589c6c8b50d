//===- Cost.cpp - Bytes and operations that a step must do -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Dispatch/Cost.h"

#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::gemma;

/// Elements of one row of a buffer.
static int64_t getRowElements(Value buffer) {
  auto type = cast<ShapedType>(buffer.getType());
  int64_t elements = 1;
  for (int64_t size : type.getShape().drop_front()) {
    elements *= size;
  }
  return elements;
}

/// Bytes of one row of a buffer.
static int64_t getRowBytes(Value buffer) {
  auto type = cast<ShapedType>(buffer.getType());
  return getRowElements(buffer) *
         llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

static int64_t getBytes(Value weight) {
  auto packed =
      dyn_cast_or_null<PackedType>(weight ? weight.getType() : Type());
  return packed ? packed.getBytes() : 0;
}

/// Reads and writes of all buffers of rows, once.
static Cost getRowCost(Operation *op) {
  Cost cost;
  for (Value operand : op->getOperands()) {
    if (isa<MemRefType>(operand.getType())) {
      cost.rowBytes += getRowBytes(operand);
    }
  }
  return cost;
}

static Cost getEmbedCost(EmbedOp embed) {
  // Only the rows of the tokens are read, not the table.
  Cost cost = getRowCost(embed);
  int64_t width = getRowElements(embed.getOut());
  if (auto packed = dyn_cast<PackedType>(embed.getTable().getType())) {
    cost.rowBytes +=
        width * packed.getEncoding().getElementType().getWidth() / 8;
  }
  cost.rowOperations = width;
  return cost;
}

/// For all ops that multiply rows with matrices: what they do to the sums is
/// nothing beside the products.
static Cost getMatmulCost(Operation *op) {
  Cost cost = getRowCost(op);
  for (Value operand : op->getOperands()) {
    auto packed = dyn_cast<PackedType>(operand.getType());
    if (!packed) {
      continue;
    }
    cost.fixedBytes += getBytes(operand);
    ArrayRef<int64_t> shape = packed.getShape();
    if (shape.size() == 2) {
      cost.rowOperations += 2 * shape[0] * shape[1];
    }
  }
  return cost;
}

/// Bytes of the keys and values of one position.
static int64_t getKeyBytes(KvCacheType cache) {
  Type element = cache.getElement();
  // A key and a value in i8 have a scale each.
  int64_t scale = element.isInteger(8) ? 4 : 0;
  int64_t bytes = element.getIntOrFloatBitWidth() / 8;
  return 2 * cache.getHeads() * (cache.getHeadDim() * bytes + scale);
}

/// For gemma.attention and gemma.rope_attention.
template <typename Op> static Cost getAttentionCost(Op attention) {
  // Putting pieces together is part of what attention costs as a whole.
  if (attention.getCombine()) {
    return Cost();
  }
  Cost cost = getRowCost(attention);
  int64_t columns = getRowElements(attention.getQ());
  if (attention.getPartials()) {
    cost.rowBytes -= getRowBytes(attention.getPartials());
  }
  if constexpr (std::is_same_v<Op, RopeAttentionOp>) {
    cost.rowOperations = 3 * columns;
  }
  // Keys and values once each; two multiply-adds per query head and channel.
  cost.keyBytes = getKeyBytes(attention.getCache().getType());
  cost.keyOperations = 4 * columns;
  return cost;
}

static Cost getCacheWriteCost(CacheWriteOp write) {
  Cost cost = getRowCost(write);
  cost.rowBytes += getKeyBytes(write.getCache().getType());
  return cost;
}

Cost mlir::gemma::getCost(Operation *op) {
  return llvm::TypeSwitch<Operation *, Cost>(op)
      .Case([](EmbedOp embed) { return getEmbedCost(embed); })
      .Case<LinearOp, LinearResidualOp, NormLinearOp, NormGegluOp, LmHeadOp>(
          [](auto matmul) { return getMatmulCost(matmul); })
      .Case([](NormQkvOp qkv) {
        Cost cost = getMatmulCost(qkv);
        // The rope table is read by the row, not as a whole.
        if (Value table = qkv.getTable()) {
          cost.fixedBytes -= getBytes(table);
        }
        cost.rowBytes += getKeyBytes(qkv.getCache().getType());
        return cost;
      })
      .Case<AttentionOp, RopeAttentionOp>(
          [](auto attention) { return getAttentionCost(attention); })
      .Case([](CacheWriteOp write) { return getCacheWriteCost(write); })
      .Case([](NormResidualOp norm) {
        Cost cost = getRowCost(norm);
        cost.fixedBytes =
            getBytes(norm.getWeight()) + getBytes(norm.getPackWeight());
        cost.rowOperations = 6 * getRowElements(norm.getX());
        return cost;
      })
      .Case([](RmsNormOp norm) {
        Cost cost = getRowCost(norm);
        cost.fixedBytes = getBytes(norm.getWeight());
        cost.rowOperations = 4 * getRowElements(norm.getX());
        return cost;
      })
      .Case([](RopeOp rope) {
        Cost cost = getRowCost(rope);
        cost.rowOperations = 3 * getRowElements(rope.getX());
        return cost;
      })
      .Case<GegluOp, SoftcapOp>([](auto activation) {
        // A rational tanh is about 20 operations.
        Cost cost = getRowCost(activation);
        cost.rowOperations = 25 * getRowElements(activation.getOut());
        return cost;
      })
      .Case([](linalg::GenericOp generic) {
        Cost cost = getRowCost(generic);
        cost.rowOperations = getRowElements(generic.getOutputs().front());
        return cost;
      })
      .Default([](Operation *other) { return getRowCost(other); });
}
