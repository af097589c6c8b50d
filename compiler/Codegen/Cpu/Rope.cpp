//===- Rope.cpp - Code for gemma.rope -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Lowerings.h"

using namespace mlir;
using namespace mlir::gemma;

namespace {

/// Cosine and sine of some pairs' angles.
struct Rotation {
  Value cosine;
  Value sine;
};

} // namespace

/// The angles of one position, which is `coarse * 256 + fine`, by the sum
/// formulas from the two parts of the table.
static Rotation getRotation(KernelBuilder &kernel, Value table, Value coarse,
                            Value fine, Value pair, int64_t lanes) {
  auto read = [&](Value part, int64_t which) {
    return kernel.load(table, {part, kernel.index(which), pair}, lanes);
  };
  Value cosA = read(coarse, 0), sinA = read(coarse, 1);
  Value cosB = read(fine, 0), sinB = read(fine, 1);
  return {kernel.subF(kernel.mulF(cosA, cosB), kernel.mulF(sinA, sinB)),
          kernel.addF(kernel.mulF(sinA, cosB), kernel.mulF(cosA, sinB))};
}

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
  ArrayRef<int64_t> shape = getWeightShape(op.getTable().getType());
  Value table = kernel.viewWeight(op.getTable(), shape, kernel.b.getF32Type());
  constexpr int64_t kStride = RopeTableSourceAttr::kStride;
  int64_t fineStart = shape[0] - kStride;

  auto rotateHead = [&](Value row, Value coarse, Value fine, Value head) {
    kernel.forColumns(pairs, [&](Value pair, int64_t lanes) {
      Rotation rotation = getRotation(kernel, table, coarse, fine, pair, lanes);
      Value first = kernel.add(head, pair);
      Value second = kernel.add(first, half);
      Value a = kernel.load(x, {row, first}, lanes);
      Value c = kernel.load(x, {row, second}, lanes);
      kernel.store(kernel.subF(kernel.mulF(a, rotation.cosine),
                               kernel.mulF(c, rotation.sine)),
                   out, {row, first});
      kernel.store(kernel.addF(kernel.mulF(c, rotation.cosine),
                               kernel.mulF(a, rotation.sine)),
                   out, {row, second});
    });
    if (pairs == half) {
      return;
    }
    // Pairs that are not rotated are copied, both halves.
    kernel.forColumns(half - pairs, [&](Value column, int64_t lanes) {
      Value first = kernel.add(kernel.add(head, column), pairs);
      for (Value place : {first, kernel.add(first, half)}) {
        kernel.store(kernel.load(x, {row, place}, lanes), out, {row, place});
      }
    });
  };
  kernel.forItems([&](Value row) {
    Value position = kernel.loadIndex(positions, row);
    Value coarse = kernel.div(position, kStride);
    Value fine = kernel.add(kernel.rem(position, kStride), fineStart);
    kernel.forRange(kernel.index(0), kernel.index(width), headDim,
                    [&](Value head) { rotateHead(row, coarse, fine, head); });
  });
  return success();
}
