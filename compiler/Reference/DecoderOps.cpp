//===- DecoderOps.cpp - Ops over rows of the interpreter ------------------===//
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

static LogicalResult run(EmbedOp op, RowAccess &access) {
  FailureOr<std::vector<int64_t>> tokens = access.readInts(op.getTokens());
  if (failed(tokens)) {
    return failure();
  }
  int64_t vocab = getWeightShape(op.getTable().getType())[0];
  double scale = op.getScale().convertToDouble();
  for (int64_t m = 0; m < access.getRows(); ++m) {
    int64_t token = (*tokens)[m];
    if (token < 0 || token >= vocab) {
      return op.emitOpError("expected tokens below ")
             << vocab << ", found " << token;
    }
    FailureOr<std::vector<double>> row =
        access.readWeight(op.getTable(), token, 1);
    if (failed(row)) {
      return failure();
    }
    for (double &value : *row) {
      value *= scale;
    }
    access.writeRow(m, *row);
  }
  return success();
}

static LogicalResult run(RmsNormOp op, RowAccess &access) {
  FailureOr<std::vector<double>> x = access.read(op.getX());
  if (failed(x) || failed(normGroups(access, op.getWeight(), op.getUnitOffset(),
                                     op.getEpsilon().convertToDouble(),
                                     op.getGroup(), *x))) {
    return failure();
  }
  access.getOut().write(*x);
  return success();
}

static LogicalResult run(PackRowsOp op, RowAccess &access) {
  FailureOr<std::vector<double>> x = access.read(op.getX());
  int64_t columns = getColumns(op.getX().getType());
  auto factors =
      readColumnFactors(access, op.getWeight(), op.getUnitOffset(), columns);
  if (failed(x) || failed(factors)) {
    return failure();
  }
  for (size_t i = 0; i < x->size(); ++i) {
    (*x)[i] *= (*factors)[i % columns];
  }
  access.writeRows(*x, columns, op.getKind());
  return success();
}

static LogicalResult run(LinearOp op, RowAccess &access) {
  if (failed(access.checkNotInPlace(op.getX()))) {
    return failure();
  }
  int64_t columns = getWeightShape(op.getWeight().getType())[1];
  FailureOr<std::vector<double>> x = access.readUnpacked(op.getX(), columns);
  if (failed(x)) {
    return failure();
  }
  return multiply(access, {std::move(*x), columns, {}}, op.getWeight(),
                  [&](int64_t m, llvm::MutableArrayRef<double> products) {
                    access.writeRow(m, products);
                  });
}

static LogicalResult run(RopeOp op, RowAccess &access) {
  FailureOr<std::vector<double>> x = access.read(op.getX());
  FailureOr<std::vector<int64_t>> positions =
      access.readInts(op.getPositions());
  if (failed(x) || failed(positions)) {
    return failure();
  }
  Rotation rotation{static_cast<int64_t>(op.getHeadDim()),
                    static_cast<int64_t>(op.getRotated()),
                    op.getBase().convertToDouble(),
                    op.getPositionScale().convertToDouble(), op.getTable()};
  if (failed(rotate(op, access, rotation, *positions,
                    getColumns(op.getX().getType()), *x))) {
    return failure();
  }
  access.getOut().write(*x);
  return success();
}

double mlir::gemma::reference::gelu(double x, Gelu form) {
  if (form == Gelu::Erf) {
    return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
  }
  double inner = std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1 + std::tanh(inner));
}

static LogicalResult run(GegluOp op, RowAccess &access) {
  FailureOr<std::vector<double>> gate = access.read(op.getGate());
  FailureOr<std::vector<double>> up = access.read(op.getUp());
  if (failed(gate) || failed(up)) {
    return failure();
  }
  for (size_t i = 0; i < gate->size(); ++i) {
    (*gate)[i] = gelu((*gate)[i], op.getGelu()) * (*up)[i];
  }
  access.getOut().write(*gate);
  return success();
}

static LogicalResult run(SelectRowsOp op, RowAccess &access) {
  if (failed(access.checkNotInPlace(op.getX()))) {
    return failure();
  }
  FailureOr<std::vector<int64_t>> indices = access.readInts(op.getIndices());
  if (failed(indices)) {
    return failure();
  }
  auto rows =
      access.readPicked(op.getX(), *indices, getColumns(op.getX().getType()));
  if (failed(rows)) {
    return failure();
  }
  access.getOut().write(*rows);
  return success();
}

static LogicalResult run(SoftcapOp op, RowAccess &access) {
  FailureOr<std::vector<double>> x = access.read(op.getX());
  if (failed(x)) {
    return failure();
  }
  double cap = op.getCap().convertToDouble();
  for (double &value : *x) {
    value = cap * std::tanh(value / cap);
  }
  access.getOut().write(*x);
  return success();
}

LogicalResult mlir::gemma::reference::runDecoderOp(Operation *op,
                                                   Frame &frame) {
  FailureOr<RowAccess> access =
      RowAccess::create(llvm::cast<DecoderOpInterface>(op), frame);
  if (failed(access)) {
    return failure();
  }
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case<EmbedOp, RmsNormOp, LinearOp, RopeOp, GegluOp, SelectRowsOp,
            SoftcapOp, PackRowsOp>(
          [&](auto decoderOp) { return run(decoderOp, *access); })
      .Case<CacheWriteOp, AttentionOp, RopeAttentionOp>(
          [&](auto cacheOp) { return runCacheOp(cacheOp, frame, *access); })
      .Case([&](FusedOpInterface fused) {
        return runFusedOp(fused, frame, *access);
      })
      .Default([](Operation *unknown) {
        return unknown->emitOpError("is not known to the interpreter");
      });
}
