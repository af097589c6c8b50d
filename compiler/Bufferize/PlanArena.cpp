//===- PlanArena.cpp - Place all buffers in one scratch arena -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Bufferize/Passes.h"
#include "compiler/VerifyTensorGraph.h"
#include "dialect/GemmaOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::gemma {
#define GEN_PASS_DEF_PLANARENA
#include "compiler/Bufferize/Passes.h.inc"
} // namespace mlir::gemma

using namespace mlir;
using namespace mlir::gemma;

/// Offsets in the arena: a cache line, and the widest vector.
static constexpr int64_t kAlignment = 64;

namespace {

/// A buffer, the ops between which it holds a value, and where it lies.
struct Placement {
  memref::AllocOp alloc;
  int64_t size;
  int64_t first;
  int64_t last;
  int64_t offset;

  bool livesWith(const Placement &other) const {
    return first <= other.last && other.first <= last;
  }
};

} // namespace

static int64_t getSize(MemRefType type) {
  int64_t bytes = type.getNumElements() *
                  llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  return llvm::alignTo(bytes, kAlignment);
}

/// Extends `placement` over the uses of `buffer`, and of views of it.
static void addUses(Value buffer, const DenseMap<Operation *, int64_t> &order,
                    Placement &placement) {
  for (Operation *user : buffer.getUsers()) {
    int64_t position = order.lookup(user);
    if (isa<memref::SubViewOp>(user)) {
      addUses(user->getResult(0), order, placement);
      continue;
    }
    placement.first = std::min(placement.first, position);
    placement.last = std::max(placement.last, position);
  }
}

static SmallVector<Placement> getLifetimes(Block &block) {
  DenseMap<Operation *, int64_t> order;
  for (Operation &op : block) {
    order[&op] = order.size();
  }
  SmallVector<Placement> placements;
  for (auto alloc : block.getOps<memref::AllocOp>()) {
    Placement placement{alloc, getSize(alloc.getType()),
                        std::numeric_limits<int64_t>::max(), -1, 0};
    addUses(alloc, order, placement);
    placements.push_back(placement);
  }
  return placements;
}

/// The lowest offset at which `buffer` meets none of `placed`, which are
/// sorted by offset.
static int64_t findOffset(const Placement &buffer,
                          ArrayRef<const Placement *> placed) {
  int64_t offset = 0;
  for (const Placement *other : placed) {
    if (!buffer.livesWith(*other)) {
      continue;
    }
    if (offset + buffer.size <= other->offset) {
      break;
    }
    offset = std::max(offset, other->offset + other->size);
  }
  return offset;
}

/// Gives every buffer its offset; returns the arena's size in bytes.
static int64_t place(MutableArrayRef<Placement> buffers) {
  SmallVector<Placement *> bySize;
  for (Placement &buffer : buffers) {
    bySize.push_back(&buffer);
  }
  llvm::stable_sort(bySize, [](const Placement *a, const Placement *b) {
    return a->size > b->size;
  });
  SmallVector<const Placement *> placed;
  int64_t end = 0;
  for (Placement *buffer : bySize) {
    buffer->offset = findOffset(*buffer, placed);
    end = std::max(end, buffer->offset + buffer->size);
    auto position = llvm::upper_bound(
        placed, buffer, [](const Placement *a, const Placement *b) {
          return a->offset < b->offset;
        });
    placed.insert(position, buffer);
  }
  return end;
}

namespace {

struct PlanArena : public mlir::gemma::impl::PlanArenaBase<PlanArena> {
  void runOnOperation() override {
    FailureOr<func::FuncOp> found = getEntry(getOperation());
    if (failed(found)) {
      return signalPassFailure();
    }
    func::FuncOp entry = *found;
    if (entry.getNumArguments() < 2) {
      entry.emitOpError("expected @forward on buffers");
      return signalPassFailure();
    }
    Block &block = entry.getBody().front();
    SmallVector<Placement> buffers = getLifetimes(block);
    int64_t bytes = std::max(place(buffers), kAlignment);

    // The arena comes before the two counts.
    OpBuilder builder(entry.getContext());
    Value arena = block.insertArgument(
        block.getNumArguments() - 2,
        MemRefType::get({bytes}, builder.getIntegerType(8)), entry.getLoc());
    for (Placement &buffer : buffers) {
      builder.setInsertionPoint(buffer.alloc);
      Location loc = buffer.alloc.getLoc();
      Value offset =
          arith::ConstantIndexOp::create(builder, loc, buffer.offset);
      Value view =
          memref::ViewOp::create(builder, loc, buffer.alloc.getType(), arena,
                                 offset, /*sizes=*/ValueRange());
      buffer.alloc.replaceAllUsesWith(view);
      buffer.alloc.erase();
    }
    entry.setFunctionType(
        builder.getFunctionType(block.getArgumentTypes(), TypeRange()));
  }
};

} // namespace
