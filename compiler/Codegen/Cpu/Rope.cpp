//===- Rope.cpp - Code for gemma.rope -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"
#include "compiler/Codegen/Cpu/Rotation.h"

using namespace mlir;
using namespace mlir::gemma;

LogicalResult mlir::gemma::lowerRope(RopeOp op, KernelBuilder &kernel) {
  if (!op.getTable()) {
    return op.emitOpError("has no table to read its angles from");
  }
  Value x = kernel.getBuffer(op.getX());
  Value positions = kernel.getBuffer(op.getPositions());
  Value out = kernel.getBuffer(op.getOut());
  int64_t width = op.getOut().getType().getDimSize(1);
  int64_t headDim = op.getHeadDim();
  int64_t half = headDim / 2;
  int64_t pairs = op.getRotated() / 2;
  RotationTable table(kernel, op.getTable());

  auto rotateHead = [&](Value row, const RotationTable::Place &place,
                        Value head) {
    kernel.forColumns(pairs, [&](Value pair, int64_t lanes) {
      Value first = kernel.add(head, pair);
      Value second = kernel.add(first, half);
      Value a = kernel.load(x, {row, first}, lanes);
      Value c = kernel.load(x, {row, second}, lanes);
      table.rotate(place, pair, a, c);
      kernel.store(a, out, {row, first});
      kernel.store(c, out, {row, second});
    });
    if (pairs == half) {
      return;
    }
    // Pairs that are not rotated are copied, both halves.
    kernel.forColumns(half - pairs, [&](Value column, int64_t lanes) {
      Value first = kernel.add(kernel.add(head, column), pairs);
      for (Value copied : {first, kernel.add(first, half)}) {
        kernel.store(kernel.load(x, {row, copied}, lanes), out, {row, copied});
      }
    });
  };
  kernel.forItems([&](Value row) {
    RotationTable::Place place = table.find(kernel.loadIndex(positions, row));
    kernel.forRange(kernel.index(0), kernel.index(width), headDim,
                    [&](Value head) { rotateHead(row, place, head); });
  });
  return success();
}
