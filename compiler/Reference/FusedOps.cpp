//===- FusedOps.cpp - Fused ops of the interpreter ------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Matmul.h"
#include "compiler/Reference/Rotation.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

/// What a matmul reads must not be what it writes.
static LogicalResult checkNotInPlace(RowAccess &access, ValueRange operands) {
  for (Value operand : operands) {
    if (operand && failed(access.checkNotInPlace(operand))) {
      return failure();
    }
  }
  return success();
}

static LogicalResult run(NormLinearOp op, Frame &, RowAccess &access) {
  FailureOr<MatmulRows> rows = readNormedRows(op, access);
  if (failed(rows)) {
    return failure();
  }
  for (auto [number, weight] : llvm::enumerate(op.getWeights())) {
    auto take = [&](int64_t m, llvm::MutableArrayRef<double> products) {
      access.writeRow(m, products, number);
    };
    if (failed(multiply(access, *rows, weight, take))) {
      return failure();
    }
  }
  return success();
}

static LogicalResult run(NormQkvOp op, Frame &frame, RowAccess &access) {
  FailureOr<MatmulRows> rows = readNormedRows(op, access);
  auto positions = access.readInts(op.getPositions());
  if (failed(rows) || failed(positions)) {
    return failure();
  }
  auto q = multiply(access, *rows, op.getWq());
  auto k = multiply(access, *rows, op.getWk());
  auto v = multiply(access, *rows, op.getWv());
  if (failed(q) || failed(k) || failed(v)) {
    return failure();
  }
  int64_t columns = getWeightShape(op.getWk().getType())[0];
  if (auto epsilon = op.getKEpsilon();
      epsilon && failed(normGroups(access, op.getKNorm(), op.getKUnitOffset(),
                                   epsilon->convertToDouble(),
                                   op.getCache().getType().getHeadDim(), *k))) {
    return failure();
  }
  if (failed(
          rotate(op, access, Rotation::ofCache(op), *positions, columns, *k))) {
    return failure();
  }
  access.getOut().write(*q);
  return writeCache(op, frame, access, *k, *v);
}

static LogicalResult run(NormGegluOp op, Frame &, RowAccess &access) {
  FailureOr<MatmulRows> rows = readNormedRows(op, access);
  if (failed(rows)) {
    return failure();
  }
  auto gate = multiply(access, *rows, op.getGate());
  auto up = multiply(access, *rows, op.getUp());
  if (failed(gate) || failed(up)) {
    return failure();
  }
  for (size_t i = 0; i < gate->size(); ++i) {
    (*gate)[i] = gelu((*gate)[i], op.getGelu()) * (*up)[i];
  }
  access.writeRows(*gate, getWeightShape(op.getGate().getType())[0],
                   op.getKind());
  return success();
}

static LogicalResult run(LmHeadOp op, Frame &, RowAccess &access) {
  auto indices = access.readInts(op.getIndices());
  if (failed(indices)) {
    return failure();
  }
  FailureOr<MatmulRows> rows = readNormedRows(op, access, *indices);
  if (failed(rows)) {
    return failure();
  }
  double cap = op.getCap() ? op.getCap()->convertToDouble() : 0.0;
  return multiply(access, *rows, op.getWeight(),
                  [&](int64_t m, llvm::MutableArrayRef<double> products) {
                    for (double &value : products) {
                      value = cap == 0 ? value : cap * std::tanh(value / cap);
                    }
                    access.writeRow(m, products);
                  });
}

/// Writes stream + rows, and with a `kind` that packed by `weight`.
static LogicalResult addToStream(RowAccess &access, std::vector<double> stream,
                                 llvm::ArrayRef<double> rows, int64_t columns,
                                 std::optional<EncodingKind> kind, Value weight,
                                 bool unitOffset) {
  for (auto [sum, value] : llvm::zip(stream, rows)) {
    sum += value;
  }
  access.getOut().write(stream);
  if (!kind) {
    return success();
  }
  auto factors = readColumnFactors(access, weight, unitOffset, columns);
  if (failed(factors)) {
    return failure();
  }
  for (size_t i = 0; i < stream.size(); ++i) {
    stream[i] *= (*factors)[i % columns];
  }
  access.writeRows(stream, columns, kind, /*number=*/1);
  return success();
}

static LogicalResult run(LinearResidualOp op, Frame &, RowAccess &access) {
  llvm::ArrayRef<int64_t> shape = getWeightShape(op.getWeight().getType());
  auto x = access.readUnpacked(op.getX(), shape[1]);
  auto sums = access.read(op.getResidual());
  if (failed(x) || failed(sums)) {
    return failure();
  }
  auto products =
      multiply(access, {std::move(*x), shape[1], {}}, op.getWeight());
  if (failed(products)) {
    return failure();
  }
  return addToStream(access, std::move(*sums), *products, shape[0],
                     op.getKind(), op.getNormWeight(), op.getUnitOffset());
}

static LogicalResult run(NormResidualOp op, Frame &, RowAccess &access) {
  int64_t columns = getColumns(op.getX().getType());
  auto x = access.read(op.getX());
  auto stream = access.read(op.getResidual());
  if (failed(x) || failed(stream) ||
      failed(normGroups(access, op.getWeight(), op.getUnitOffset(),
                        op.getEpsilon().convertToDouble(), columns, *x))) {
    return failure();
  }
  return addToStream(access, std::move(*stream), *x, columns, op.getKind(),
                     op.getPackWeight(), op.getPackUnitOffset());
}

/// The rows that `op` multiplies; absent ones are null.
template <typename NormOp> static SmallVector<Value> getMultiplied(NormOp op) {
  return {op.getX(), op.getPacked()};
}
static SmallVector<Value> getMultiplied(LinearResidualOp op) {
  return {op.getX()};
}
/// The norm reads all of a row before the first column of it is written.
static SmallVector<Value> getMultiplied(NormResidualOp) { return {}; }

LogicalResult mlir::gemma::reference::runFusedOp(FusedOpInterface op,
                                                 Frame &frame,
                                                 RowAccess &access) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<NormLinearOp, NormQkvOp, NormGegluOp, LmHeadOp, LinearResidualOp,
            NormResidualOp>([&](auto fused) -> LogicalResult {
        if (failed(checkNotInPlace(access, getMultiplied(fused)))) {
          return failure();
        }
        return run(fused, frame, access);
      })
      .Default([](Operation *unknown) {
        return unknown->emitOpError("is not known to the interpreter");
      });
}
