//===- NormQkv.cpp - Code for gemma.norm_qkv -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Items: first those of k and v, head by head, then those of q. An item of k
// takes a panel of the first half of a head and the one of the second half
// with which its channels rotate.
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/CacheLayout.h"
#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Codegen/Cpu/MatmulColumns.h"
#include "compiler/Codegen/Cpu/Rotation.h"
#include "compiler/Target/CpuTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::gemma;

/// Rows whose products with a head of keys are kept at a time: 128 KB of the
/// stack for a head of kMaxNormedHeadDim.
static constexpr int64_t kKeyTileRows = 128;

namespace {

/// Emits the items of one gemma.norm_qkv.
class QkvKernel {
public:
  QkvKernel(NormQkvOp op, KernelBuilder &kernel);
  void emit();

private:
  using StorePair = llvm::function_ref<void(Value row, Value low, Value high)>;
  /// Products with two panels, normed.
  void emitPair(ArrayRef<WeightPanel> panels, StorePair store);
  /// Items of keys and values without a norm of keys: as many of the one as of
  /// the other, by one copy of the loops.
  void emitCached(Value item);
  /// Items of values and queries beside normed keys, by one copy too.
  void emitValueOrQuery(Value item);
  void emitQuery(Value item);
  void emitNormedKeys(Value head);
  /// Rotates and stores a key whose products are in `keyRows`.
  void finishKey(Value row, Value head);
  void storeQuery(Value row, Value column, Value low, Value high);
  void storeValues(Value row, Value head, Value channel, Value low, Value high,
                   Value other);
  Value getPlace(Value row) {
    return kernel.rem(kernel.loadIndex(positions, row), cache.capacity);
  }

  NormQkvOp op;
  KernelBuilder &kernel;
  KvCacheType type;
  Matmul matmul;
  Value wq, wk, wv, out, positions, slots;
  KernelCache cache;
  RotationTable table;
  NormFactors factors;
  int64_t headDim;
  /// Pairs of panels of a head.
  int64_t headItems;
  QkvItems items;
  /// Products of a tile of rows with a head of keys, [rows][head_dim], if keys
  /// are normed, and the norm's weight, null if it has none.
  Value keyRows, keyNorm;
};

} // namespace

QkvKernel::QkvKernel(NormQkvOp op, KernelBuilder &kernel)
    : op(op), kernel(kernel), type(op.getCache().getType()),
      matmul(kernel, cast<PackedType>(op.getWq().getType()),
             kernel.getBuffer(op.getPacked())),
      wq(matmul.getMemory(op.getWq())), wk(matmul.getMemory(op.getWk())),
      wv(matmul.getMemory(op.getWv())), out(kernel.getBuffer(op.getOut())),
      positions(kernel.getBuffer(op.getPositions())),
      slots(kernel.getBuffer(op.getSlots())),
      cache(kernel.getCache(op.getCache())), table(kernel, op.getTable()),
      factors(kernel, kernel.getBuffer(op.getX()),
              op.getEpsilonAttr().getValueAsDouble()),
      headDim(type.getHeadDim()), headItems(headDim / kItemColumns), items(op) {
  if (!op.getKEpsilon()) {
    return;
  }
  int64_t rows = cast<MemRefType>(op.getX().getType()).getDimSize(0);
  keyRows = kernel.allocate({std::min(rows, kKeyTileRows), headDim});
  if (op.getKNorm()) {
    keyNorm =
        kernel.viewWeight(op.getKNorm(), {headDim}, kernel.b.getF32Type());
  }
}

void QkvKernel::emitPair(ArrayRef<WeightPanel> panels, StorePair store) {
  matmul.forRows(panels, [&](Value row, ArrayRef<Value> sums) {
    store(row, factors.apply(sums[0], row), factors.apply(sums[1], row));
  });
}

void QkvKernel::storeQuery(Value row, Value column, Value low, Value high) {
  kernel.store(low, out, {row, column});
  kernel.store(high, out, {row, kernel.add(column, kPanel)});
}

void QkvKernel::storeValues(Value row, Value head, Value channel, Value low,
                            Value high, Value other) {
  Value slot = kernel.loadIndex(slots, row);
  Value place = getPlace(row);
  storeValue(kernel, cache, type, slot, place, head, channel, low);
  storeValue(kernel, cache, type, slot, place, head, other, high);
}

void QkvKernel::emitCached(Value item) {
  Value isValue = arith::CmpIOp::create(kernel.b, arith::CmpIPredicate::sge,
                                        item, kernel.index(items.keys));
  Value local = kernel.rem(item, items.keys);
  Value head = kernel.div(local, headItems);
  Value part = kernel.rem(local, headItems);
  Value firstPanel = kernel.mul(head, headDim / kPanel);
  auto select = [&](Value value, Value key) -> Value {
    return arith::SelectOp::create(kernel.b, isValue, value, key);
  };
  // Panels `part` and `part` plus half a head of a key, two neighbours of a
  // value: one copy of the loops for both.
  Value low = select(kernel.mul(part, 2), part);
  Value high =
      kernel.add(low, select(kernel.index(1), kernel.index(headItems)));
  Value memory = select(wv, wk);
  auto store = [&](Value row, Value first, Value second) {
    Value position = kernel.loadIndex(positions, row);
    Value slot = kernel.loadIndex(slots, row);
    Value place = kernel.rem(position, cache.capacity);
    Value channel = kernel.mul(low, kPanel);
    Value other = kernel.mul(high, kPanel);
    kernel.when(
        isValue,
        [&] {
          storeValue(kernel, cache, type, slot, place, head, channel, first);
          storeValue(kernel, cache, type, slot, place, head, other, second);
        },
        [&] {
          Value a = first, c = second;
          table.rotate(table.find(position), channel, a, c);
          storeKey(kernel, cache, type, slot, place, head, channel, a);
          storeKey(kernel, cache, type, slot, place, head, other, c);
        });
  };
  // Keys go on behind each of the two; values, which are as many, do not.
  emitPair({matmul.getPanel(memory, kernel.add(firstPanel, low)),
            matmul.getPanel(memory, kernel.add(firstPanel, high))},
           store);
}

void QkvKernel::emitQuery(Value item) {
  Value column = kernel.mul(item, kItemColumns);
  Value panel = kernel.div(column, kPanel);
  emitPair(matmul.getPanels(wq, panel, 2),
           [&](Value row, Value low, Value high) {
             storeQuery(row, column, low, high);
           });
}

void QkvKernel::emitValueOrQuery(Value item) {
  Value isValue = kernel.less(item, kernel.index(items.values));
  auto select = [&](Value value, Value query) -> Value {
    return arith::SelectOp::create(kernel.b, isValue, value, query);
  };
  Value local = select(item, kernel.sub(item, kernel.index(items.values)));
  Value column = kernel.mul(local, kItemColumns);
  emitPair(matmul.getPanels(select(wv, wq), kernel.div(column, kPanel), 2),
           [&](Value row, Value low, Value high) {
             kernel.when(
                 isValue,
                 [&] {
                   Value channel = kernel.rem(column, headDim);
                   storeValues(row, kernel.div(column, headDim), channel, low,
                               high, kernel.add(channel, kPanel));
                 },
                 [&] { storeQuery(row, column, low, high); });
           });
}

void QkvKernel::emitNormedKeys(Value head) {
  Value firstPanel = kernel.mul(head, headDim / kPanel);
  auto getPanels = [&](Value group) {
    return matmul.getPanels(wk, kernel.add(firstPanel, kernel.mul(group, 2)),
                            2);
  };
  auto store = [&](Value row, Value group, ArrayRef<Value> sums) {
    Value tileRow = kernel.rem(row, kKeyTileRows);
    Value column = kernel.mul(group, kItemColumns);
    kernel.store(factors.apply(sums[0], row), keyRows, {tileRow, column});
    kernel.store(factors.apply(sums[1], row), keyRows,
                 {tileRow, kernel.add(column, kPanel)});
  };
  matmul.forRowTiles(kKeyTileRows, kernel.index(headItems), getPanels, store,
                     [&](Value row) { finishKey(row, head); });
}

void QkvKernel::finishKey(Value row, Value head) {
  Value tileRow = kernel.rem(row, kKeyTileRows);
  Value factor =
      getNormFactor(kernel, keyRows, tileRow, kernel.index(0), headDim,
                    op.getKEpsilonAttr().getValueAsDouble());
  CacheLayout layout(kernel, cache, type, kernel.loadIndex(slots, row), head);
  Value place = getPlace(row);
  RotationTable::Place angles = table.find(kernel.loadIndex(positions, row));
  auto load = [&](Value channel) {
    Value part = kernel.mulF(kernel.load(keyRows, {tileRow, channel}, kLanes),
                             kernel.broadcast(factor, kLanes));
    return keyNorm ? scaleByNorm(kernel, part, keyNorm, channel,
                                 op.getKUnitOffset())
                   : part;
  };
  // Half a head is whole vectors.
  kernel.forRange(kernel.index(0), kernel.index(headDim / 2), kLanes,
                  [&](Value channel) {
                    Value other = kernel.add(channel, headDim / 2);
                    Value first = load(channel), second = load(other);
                    table.rotate(angles, channel, first, second);
                    layout.storeKeyPart(place, channel, first);
                    layout.storeKeyPart(place, other, second);
                  });
}

void QkvKernel::emit() {
  int64_t cached = items.keys + (keyRows ? 0 : items.values);
  kernel.forItems([&](Value item) {
    kernel.when(
        kernel.less(item, kernel.index(cached)),
        [&] { keyRows ? emitNormedKeys(item) : emitCached(item); },
        [&] {
          Value local = kernel.sub(item, kernel.index(cached));
          keyRows ? emitValueOrQuery(local) : emitQuery(local);
        });
  });
}

LogicalResult mlir::gemma::lowerNormQkv(NormQkvOp op, KernelBuilder &kernel) {
  if (!op.getPacked() || !op.getTable()) {
    return op.emitOpError("expected packed rows and a table");
  }
  KvCacheType type = op.getCache().getType();
  if (type.getElement().isInteger(8)) {
    return op.emitOpError("expected an f32 or bf16 cache, found ") << type;
  }
  // The fusion leaves these alone; other IR may not.
  if (op.getKEpsilon() && type.getHeadDim() > kMaxNormedHeadDim) {
    return op.emitOpError("expected normed keys of heads of at most ")
           << kMaxNormedHeadDim << ", found " << type.getHeadDim();
  }
  QkvKernel(op, kernel).emit();
  return success();
}
