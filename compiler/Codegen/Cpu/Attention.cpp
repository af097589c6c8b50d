//===- Attention.cpp - Code for gemma.attention and gemma.rope_attention --===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Online softmax (Milakov and Gimelshein, arXiv 1805.02867) over blocks of 64
// keys at absolute positions, ascending, piece by piece (AttentionPlan.h). What
// a query computes is the same whatever queries are beside it: blocks that it
// does not see leave its state as it is.
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/AttentionProducts.h"
#include "compiler/Codegen/Cpu/AttentionQuery.h"
#include "compiler/Codegen/Cpu/AttentionState.h"
#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Dispatch/AttentionPlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <optional>

using namespace mlir;
using namespace mlir::gemma;

namespace {

/// Rows [first, first + count) of one slot at consecutive positions, from
/// `position` on.
struct Run {
  Value first;
  Value count;
  Value slot;
  Value position;
  /// Position of the last row.
  Value last;
};

/// What both steps of attention know: which keys a row sees, where partial
/// results lie, where results go.
class PieceLayout {
public:
  PieceLayout(const AttentionParts &parts, const AttentionPlan &plan,
              KernelBuilder &kernel);

  /// The first position that a row at `position` sees.
  Value getFirstSeen(Value position) const;
  /// Whether the forward's rows leave partial results.
  Value isFew() const;
  /// Where the partial result of `query` of the group starts.
  Value find(Value row, Value head, Value piece, Value query) const;
  Value getPartials() const { return partials; }
  /// Stores the result of query `index` of `state`.
  void storeOut(AttentionState &state, Value index, Value row, Value head,
                Value query) const;

private:
  const AttentionParts parts;
  const AttentionPlan plan;
  KernelBuilder &kernel;
  Value partials;
};

/// Steps without `combine`.
class AttentionKernel {
public:
  AttentionKernel(const AttentionParts &parts, const AttentionPlan &plan,
                  KernelBuilder &kernel);
  void emit();

private:
  void emitItem(Value row, Value head, Value piece);
  /// The run that starts with `row`, for one piece or for all of them.
  void emitRun(Value row, Value blockRows, Value head, Value piece);
  /// Whether `next` is of the slot of `row`, at the next position.
  Value areNeighbours(Value row, Value next);
  Run findRun(Value row, Value blockRows);
  void loadQueries(const Run &run, Value head);
  /// All pieces, one after the other, to the result.
  void walkAll(const Run &run, const CacheLayout &layout, Value head,
               Value firstPiece, Value endPiece);
  void walkPiece(const Run &run, const CacheLayout &layout, Value piece);
  void storePartials(const Run &run, Value head, Value piece);
  void emitBlock(const Run &run, const CacheLayout &layout, Value start,
                 bool masked);
  void emitSoftmax(const Run &run, const CacheLayout &layout, Value start,
                   Value place, Value query, bool masked);
  /// Which of the 16 keys from `key` on a row at `position` sees.
  Value getVisible(Value key, Value position);
  /// The sum of a query's weights in the piece at hand.
  Value getSum(Value query) {
    return kernel.sumLanes(kernel.load(sums, {query, kernel.index(0)}, kLanes));
  }
  void forQueries(const Run &run, llvm::function_ref<void(Value query)> body) {
    kernel.forRange(kernel.index(0), kernel.mul(run.count, plan.group), 1,
                    body);
  }
  Value getPosition(const Run &run, Value query) {
    return kernel.add(run.position, kernel.div(query, plan.group));
  }

  const AttentionParts parts;
  const AttentionPlan plan;
  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  const PieceLayout pieces;
  AttentionProducts products;
  AttentionState state;
  // Of the piece at hand: [queries], and sums lane by lane, [queries][16].
  Value maxima;
  Value sums;
};

/// The second step, for a forward whose pieces were left apart.
class CombineKernel {
public:
  CombineKernel(const AttentionParts &parts, const AttentionPlan &plan,
                KernelBuilder &kernel)
      : parts(parts), plan(plan), kernel(kernel), pieces(parts, plan, kernel),
        state(kernel, 1, plan.headDim) {}
  void emit();

private:
  const AttentionParts parts;
  const AttentionPlan plan;
  KernelBuilder &kernel;
  const PieceLayout pieces;
  AttentionState state;
};

} // namespace

//===----------------------------------------------------------------------===//
// What both steps share
//===----------------------------------------------------------------------===//

PieceLayout::PieceLayout(const AttentionParts &parts, const AttentionPlan &plan,
                         KernelBuilder &kernel)
    : parts(parts), plan(plan), kernel(kernel) {
  if (parts.partials) {
    int64_t size = cast<MemRefType>(parts.partials.getType()).getNumElements();
    partials = kernel.viewCache(parts.partials, kernel.index(size));
  }
}

Value PieceLayout::getFirstSeen(Value position) const {
  if (parts.window == 0) {
    return kernel.index(0);
  }
  return kernel.max(kernel.add(position, 1 - parts.window), kernel.index(0));
}

Value PieceLayout::isFew() const {
  return kernel.less(kernel.getRows(), kernel.index(plan.partialRows + 1));
}

Value PieceLayout::find(Value row, Value head, Value piece, Value query) const {
  Value number = kernel.add(kernel.mul(row, plan.heads), head);
  number = kernel.add(kernel.mul(number, plan.pieces), piece);
  number = kernel.add(kernel.mul(number, plan.group), query);
  return kernel.mul(number, plan.getPartialColumns());
}

void PieceLayout::storeOut(AttentionState &state, Value index, Value row,
                           Value head, Value query) const {
  Value first =
      kernel.mul(kernel.add(kernel.mul(head, plan.group), query), plan.headDim);
  Value share = state.getShare(index);
  kernel.forColumns(plan.headDim, [&](Value channel, int64_t lanes) {
    kernel.store(state.getResult(index, share, channel, lanes), parts.out,
                 {row, kernel.add(first, channel)});
  });
}

//===----------------------------------------------------------------------===//
// AttentionKernel
//===----------------------------------------------------------------------===//

/// Most queries that an item has.
static int64_t getQueries(const AttentionPlan &plan) {
  return plan.group * (plan.hasPartials
                           ? std::max(plan.blockRows, plan.partialBlockRows)
                           : plan.blockRows);
}

AttentionKernel::AttentionKernel(const AttentionParts &parts,
                                 const AttentionPlan &plan,
                                 KernelBuilder &kernel)
    : parts(parts), plan(plan), kernel(kernel), b(kernel.b),
      pieces(parts, plan, kernel),
      products(kernel, parts.type, getQueries(plan)),
      state(kernel, getQueries(plan), plan.headDim) {
  maxima = kernel.allocate({getQueries(plan)});
  sums = kernel.allocate({getQueries(plan), kLanes});
}

void AttentionKernel::emit() {
  int64_t tiles = plan.heads * (plan.hasPartials ? plan.pieces : 1);
  kernel.forItems([&](Value item) {
    Value row = kernel.div(item, tiles);
    Value tile = kernel.rem(item, tiles);
    if (!plan.hasPartials) {
      return emitItem(row, tile, kernel.index(0));
    }
    emitItem(row, kernel.div(tile, plan.pieces), kernel.rem(tile, plan.pieces));
  });
}

void AttentionKernel::emitItem(Value row, Value head, Value piece) {
  Value blockRows = kernel.index(plan.blockRows);
  Value isFirst = kernel.equal(piece, kernel.index(0));
  if (plan.hasPartials) {
    Value few = pieces.isFew();
    blockRows = arith::SelectOp::create(
        b, few, kernel.index(plan.partialBlockRows), blockRows);
    isFirst = arith::OrIOp::create(b, isFirst, few);
  }
  // The first row of a run does the work for all of it.
  Value startsBlock = kernel.equal(kernel.rem(row, blockRows), kernel.index(0));
  Value other = arith::SelectOp::create(b, startsBlock, row,
                                        kernel.sub(row, kernel.index(1)));
  Value startsRun = arith::OrIOp::create(
      b, startsBlock,
      arith::XOrIOp::create(b, areNeighbours(other, row),
                            arith::ConstantOp::create(b, b.getBoolAttr(true))));
  kernel.when(arith::AndIOp::create(b, isFirst, startsRun),
              [&] { emitRun(row, blockRows, head, piece); });
}

Value AttentionKernel::areNeighbours(Value row, Value next) {
  Value position = kernel.add(kernel.loadIndex(parts.positions, row), 1);
  return arith::AndIOp::create(
      b, kernel.equal(kernel.loadIndex(parts.positions, next), position),
      kernel.equal(kernel.loadIndex(parts.slots, next),
                   kernel.loadIndex(parts.slots, row)));
}

Run AttentionKernel::findRun(Value row, Value blockRows) {
  Value blockEnd =
      kernel.add(kernel.sub(row, kernel.rem(row, blockRows)), blockRows);
  Value goesOn = arith::ConstantOp::create(b, b.getBoolAttr(true));
  Value end = kernel.add(row, 1);
  Value count =
      kernel
          .forRange(end, kernel.min(blockEnd, kernel.getRows()), 1,
                    ValueRange{kernel.index(1), goesOn},
                    [&](Value next, ValueRange so) -> SmallVector<Value> {
                      Value before = kernel.sub(next, kernel.index(1));
                      Value both = arith::AndIOp::create(
                          b, so[1], areNeighbours(before, next));
                      Value one = arith::IndexCastUIOp::create(
                          b, b.getIndexType(), both);
                      return {kernel.add(so[0], one), both};
                    })
          .front();
  Value position = kernel.loadIndex(parts.positions, row);
  return {row, count, kernel.loadIndex(parts.slots, row), position,
          kernel.add(position, kernel.add(count, -1))};
}

void AttentionKernel::loadQueries(const Run &run, Value head) {
  int64_t headDim = plan.headDim;
  forQueries(run, [&](Value query) {
    Value row = kernel.add(run.first, kernel.div(query, plan.group));
    Value number =
        kernel.add(kernel.mul(head, plan.group), kernel.rem(query, plan.group));
    loadQuery(kernel, parts, headDim, row, number, getPosition(run, query),
              [&](Value channel, Value part) {
                products.storeQuery(query, channel, part);
              });
  });
}

void AttentionKernel::emitRun(Value row, Value blockRows, Value head,
                              Value piece) {
  Run run = findRun(row, blockRows);
  Value firstPiece =
      kernel.div(pieces.getFirstSeen(run.position), plan.pieceKeys);
  Value endPiece = kernel.add(kernel.div(run.last, plan.pieceKeys), 1);
  if (plan.hasPartials) {
    Value few = pieces.isFew();
    firstPiece = arith::SelectOp::create(b, few, kernel.max(piece, firstPiece),
                                         firstPiece);
    endPiece = arith::SelectOp::create(
        b, few, kernel.min(kernel.add(piece, 1), endPiece), endPiece);
  }
  kernel.when(kernel.less(firstPiece, endPiece), [&] {
    CacheLayout layout(kernel, kernel.getCache(parts.cache), parts.type,
                       run.slot, head);
    loadQueries(run, head);
    if (!plan.hasPartials) {
      return walkAll(run, layout, head, firstPiece, endPiece);
    }
    kernel.when(
        pieces.isFew(),
        [&] {
          walkPiece(run, layout, piece);
          storePartials(run, head, piece);
        },
        [&] { walkAll(run, layout, head, firstPiece, endPiece); });
  });
}

void AttentionKernel::storePartials(const Run &run, Value head, Value piece) {
  Value partials = pieces.getPartials();
  forQueries(run, [&](Value query) {
    Value row = kernel.add(run.first, kernel.div(query, plan.group));
    Value at = pieces.find(row, head, piece, kernel.rem(query, plan.group));
    kernel.forColumns(plan.headDim, [&](Value channel, int64_t lanes) {
      kernel.store(kernel.load(products.getResults(), {query, channel}, lanes),
                   partials, {kernel.add(at, channel)});
    });
    kernel.storeScalar(kernel.loadScalar(maxima, query), partials,
                       {kernel.add(at, plan.headDim)});
    kernel.storeScalar(getSum(query), partials,
                       {kernel.add(at, plan.headDim + 1)});
  });
}

void AttentionKernel::walkAll(const Run &run, const CacheLayout &layout,
                              Value head, Value firstPiece, Value endPiece) {
  forQueries(run, [&](Value query) { state.clear(query); });
  kernel.forRange(firstPiece, endPiece, 1, [&](Value piece) {
    walkPiece(run, layout, piece);
    forQueries(run, [&](Value query) {
      // Only pieces that the row itself sees.
      Value position = getPosition(run, query);
      Value first = kernel.div(pieces.getFirstSeen(position), plan.pieceKeys);
      Value last = kernel.div(position, plan.pieceKeys);
      Value seen =
          arith::AndIOp::create(b, kernel.less(piece, kernel.add(last, 1)),
                                kernel.less(first, kernel.add(piece, 1)));
      kernel.when(seen, [&] {
        state.add(query, kernel.loadScalar(maxima, query), getSum(query),
                  [&](Value channel, int64_t lanes) {
                    return kernel.load(products.getResults(), {query, channel},
                                       lanes);
                  });
      });
    });
  });
  forQueries(run, [&](Value query) {
    Value row = kernel.add(run.first, kernel.div(query, plan.group));
    pieces.storeOut(state, query, row, head, kernel.rem(query, plan.group));
  });
}

void AttentionKernel::walkPiece(const Run &run, const CacheLayout &layout,
                                Value piece) {
  forQueries(run, [&](Value query) {
    kernel.storeScalar(kernel.f32(kNoScore), maxima, query);
    kernel.store(kernel.splat(0.0, kLanes), sums, {query, kernel.index(0)});
    kernel.forColumns(plan.headDim, [&](Value channel, int64_t lanes) {
      kernel.store(kernel.splat(0.0, lanes), products.getResults(),
                   {query, channel});
    });
  });
  Value start = kernel.mul(piece, plan.pieceKeys);
  Value first = kernel.max(start, pieces.getFirstSeen(run.position));
  Value end =
      kernel.min(kernel.add(start, plan.pieceKeys), kernel.add(run.last, 1));
  Value allSee = pieces.getFirstSeen(run.last);
  first = kernel.sub(first, kernel.rem(first, kKeyBlock));
  kernel.forRange(first, end, kKeyBlock, [&](Value key) {
    // Every row sees the whole block: nothing to mask.
    Value whole =
        arith::AndIOp::create(b, kernel.less(allSee, kernel.add(key, 1)),
                              kernel.less(kernel.add(key, kKeyBlock - 1),
                                          kernel.add(run.position, 1)));
    kernel.when(
        whole, [&] { emitBlock(run, layout, key, /*masked=*/false); },
        [&] { emitBlock(run, layout, key, /*masked=*/true); });
  });
}

void AttentionKernel::emitBlock(const Run &run, const CacheLayout &layout,
                                Value start, bool masked) {
  Value place = kernel.rem(start, kernel.getCache(parts.cache).capacity);
  Value count = kernel.mul(run.count, plan.group);
  products.computeScores(layout, place, count);
  forQueries(run, [&](Value query) {
    emitSoftmax(run, layout, start, place, query, masked);
  });
  products.addValues(layout, place, count, masked);
}

Value AttentionKernel::getVisible(Value key, Value position) {
  auto type = VectorType::get({kLanes}, b.getI1Type());
  auto below = [&](Value end) {
    Value count = kernel.max(kernel.sub(end, key), kernel.index(0));
    return vector::CreateMaskOp::create(b, type, count);
  };
  return arith::XOrIOp::create(b, below(kernel.add(position, 1)),
                               below(pieces.getFirstSeen(position)));
}

void AttentionKernel::emitSoftmax(const Run &run, const CacheLayout &layout,
                                  Value start, Value place, Value query,
                                  bool masked) {
  Value position = getPosition(run, query);
  SmallVector<Value, 4> scores, visible;
  Value before = kernel.loadScalar(maxima, query);
  Value largest;
  for (int64_t key = 0; key < kKeyBlock; key += kLanes) {
    Value part = products.loadScores(query, key);
    if (parts.softcap) {
      Value scaled =
          kernel.mulF(part, kernel.splat(1.0 / *parts.softcap, kLanes));
      part = kernel.mulF(math::TanhOp::create(b, scaled),
                         kernel.splat(*parts.softcap, kLanes));
    }
    visible.push_back(masked ? getVisible(kernel.add(start, key), position)
                             : Value());
    if (masked) {
      part = arith::SelectOp::create(b, visible.back(), part,
                                     kernel.splat(kNoScore, kLanes));
    }
    scores.push_back(part);
    largest = largest ? kernel.maxF(largest, part) : part;
  }
  Value maximum = kernel.maxF(before, kernel.maxLanes(largest));
  Value sum = kernel.load(sums, {query, kernel.index(0)}, kLanes);
  // Nothing changes for older keys unless a larger score has come.
  Value grows =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, maximum, before);
  auto change = scf::IfOp::create(b, TypeRange(b.getF32Type()), grows,
                                  /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(change.thenBlock());
    scf::YieldOp::create(
        b, ValueRange(math::ExpOp::create(b, kernel.subF(before, maximum))));
    b.setInsertionPointToStart(change.elseBlock());
    scf::YieldOp::create(b, ValueRange(kernel.f32(1.0)));
  }
  Value factor = change.getResult(0);
  sum = kernel.mulF(sum, kernel.broadcast(factor, kLanes));
  for (auto [i, score] : llvm::enumerate(scores)) {
    Value weight = math::ExpOp::create(
        b, kernel.subF(score, kernel.broadcast(maximum, kLanes)));
    if (masked) {
      weight = arith::SelectOp::create(b, visible[i], weight,
                                       kernel.splat(0.0, kLanes));
    }
    weight = products.storeWeights(layout, place, query,
                                   static_cast<int64_t>(i) * kLanes, weight,
                                   visible[i]);
    sum = kernel.addF(sum, weight);
  }
  kernel.storeScalar(maximum, maxima, query);
  kernel.store(sum, sums, {query, kernel.index(0)});
  products.storeFactor(query, factor);
}

//===----------------------------------------------------------------------===//
// CombineKernel
//===----------------------------------------------------------------------===//

void CombineKernel::emit() {
  auto combine = [&](Value row, Value head, Value query) {
    Value position = kernel.loadIndex(parts.positions, row);
    Value first = kernel.div(pieces.getFirstSeen(position), plan.pieceKeys);
    Value end = kernel.min(kernel.add(kernel.div(position, plan.pieceKeys), 1),
                           kernel.index(plan.pieces));
    Value zero = kernel.index(0);
    Value partials = pieces.getPartials();
    state.clear(zero);
    kernel.forRange(first, end, 1, [&](Value piece) {
      Value at = pieces.find(row, head, piece, query);
      auto scalar = [&](int64_t column) {
        return kernel.loadScalar(partials, {kernel.add(at, column)});
      };
      state.add(zero, scalar(plan.headDim), scalar(plan.headDim + 1),
                [&](Value channel, int64_t lanes) {
                  return kernel.load(partials, {kernel.add(at, channel)},
                                     lanes);
                });
    });
    pieces.storeOut(state, zero, row, head, query);
  };
  kernel.forItems([&](Value item) {
    kernel.when(pieces.isFew(), [&] {
      Value row = kernel.div(item, plan.heads);
      Value head = kernel.rem(item, plan.heads);
      kernel.forRange(kernel.index(0), kernel.index(plan.group), 1,
                      [&](Value query) { combine(row, head, query); });
    });
  });
}

//===----------------------------------------------------------------------===//
// The ops
//===----------------------------------------------------------------------===//

static LogicalResult lower(Operation *op, const AttentionParts &parts,
                           const AttentionPlan &plan, bool combine,
                           KernelBuilder &kernel) {
  if (failed(verifyCacheLayout(op, parts.type))) {
    return failure();
  }
  Type element = cast<MemRefType>(parts.out.getType()).getElementType();
  if (!element.isF32() && !element.isBF16()) {
    return op->emitOpError("expected a result of f32 or bf16 rows, found ")
           << parts.out.getType();
  }
  if (parts.partials) {
    auto type = cast<MemRefType>(parts.partials.getType());
    MemRefType expected =
        plan.getPartialsType(op->getContext(), type.getDimSize(0));
    if (type != expected) {
      return op->emitOpError("expected partials of type ")
             << expected << ", found " << type;
    }
  }
  if (combine) {
    CombineKernel(parts, plan, kernel).emit();
  } else {
    AttentionKernel(parts, plan, kernel).emit();
  }
  return success();
}

/// What the two ops have under the same names.
template <typename Op>
static AttentionParts getParts(Op op, KernelBuilder &kernel) {
  AttentionParts parts;
  parts.type = op.getCache().getType();
  parts.cache = op.getCache();
  parts.q = kernel.getBuffer(op.getQ());
  parts.positions = kernel.getBuffer(op.getPositions());
  parts.slots = kernel.getBuffer(op.getSlots());
  parts.out = kernel.getBuffer(op.getOut());
  if (op.getPartials()) {
    parts.partials = kernel.getBuffer(op.getPartials());
  }
  parts.scale = op.getQScaleAttr().getValueAsDouble();
  if (FloatAttr cap = op.getSoftcapAttr()) {
    parts.softcap = cap.getValueAsDouble();
  }
  parts.window = op.getWindow();
  return parts;
}

LogicalResult mlir::gemma::lowerAttention(AttentionOp op,
                                          KernelBuilder &kernel) {
  return lower(op, getParts(op, kernel), AttentionPlan(op), op.getCombine(),
               kernel);
}

LogicalResult mlir::gemma::lowerRopeAttention(RopeAttentionOp op,
                                              KernelBuilder &kernel) {
  if (!op.getTable()) {
    return op.emitOpError("has no table to read its angles from");
  }
  AttentionParts parts = getParts(op, kernel);
  parts.table = op.getTable();
  parts.norm = op.getQNorm();
  if (FloatAttr epsilon = op.getQEpsilonAttr()) {
    parts.epsilon = epsilon.getValueAsDouble();
  }
  parts.unitOffset = op.getQUnitOffset();
  return lower(op, parts, AttentionPlan(op), op.getCombine(), kernel);
}
