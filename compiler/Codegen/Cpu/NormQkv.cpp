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
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerNormQkv(NormQkvOp op, KernelBuilder &kernel) {
  KvCacheType type = op.getCache().getType();
  if (!op.getPacked() || !op.getTable()) {
    return op.emitOpError("expected packed rows and a table");
  }
  if (type.getElement().isInteger(8)) {
    return op.emitOpError("expected an f32 or bf16 cache, found ") << type;
  }
  auto packed = cast<PackedType>(op.getWq().getType());
  Matmul matmul(kernel, packed, kernel.getBuffer(op.getPacked()));
  Value wq = matmul.getMemory(op.getWq());
  Value wk = matmul.getMemory(op.getWk());
  Value wv = matmul.getMemory(op.getWv());
  Value out = kernel.getBuffer(op.getOut());
  Value positions = kernel.getBuffer(op.getPositions());
  Value slots = kernel.getBuffer(op.getSlots());
  KernelCache cache = kernel.getCache(op.getCache());
  RotationTable table(kernel, op.getTable());
  NormFactors factors(kernel, kernel.getBuffer(op.getX()),
                      op.getEpsilonAttr().getValueAsDouble());
  int64_t headDim = type.getHeadDim();
  int64_t headItems = headDim / kItemColumns;
  int64_t keyItems = type.getHeads() * headItems;

  auto emitPair = [&](ArrayRef<WeightPanel> panels,
                      llvm::function_ref<void(Value, Value, Value)> store) {
    matmul.forRows(panels, [&](Value row, ArrayRef<Value> sums) {
      store(row, factors.apply(sums[0], row), factors.apply(sums[1], row));
    });
  };
  // Keys and values: item of [0, 2 * keyItems).
  auto emitCached = [&](Value item) {
    Value isValue = arith::CmpIOp::create(kernel.b, arith::CmpIPredicate::sge,
                                          item, kernel.index(keyItems));
    Value local = kernel.rem(item, keyItems);
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
  };
  auto emitQuery = [&](Value item) {
    Value column = kernel.mul(item, kItemColumns);
    Value panel = kernel.div(column, kPanel);
    emitPair(matmul.getPanels(wq, panel, 2),
             [&](Value row, Value low, Value high) {
               kernel.store(low, out, {row, column});
               kernel.store(high, out, {row, kernel.add(column, kPanel)});
             });
  };
  kernel.forItems([&](Value item) {
    kernel.when(
        kernel.less(item, kernel.index(2 * keyItems)),
        [&] { emitCached(item); },
        [&] { emitQuery(kernel.sub(item, kernel.index(2 * keyItems))); });
  });
  return success();
}
