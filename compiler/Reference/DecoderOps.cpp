//===- DecoderOps.cpp - Ops over rows of the interpreter ------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/RowAccess.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>

using namespace mlir;
using namespace mlir::gemma;
using namespace mlir::gemma::reference;

/// Weight rows and products held at a time: bounds memory, not results.
static constexpr int64_t kWeightRows = 64;
static constexpr int64_t kProducts = int64_t(1) << 22;

static int64_t getColumns(Type rows) {
  return llvm::cast<ShapedType>(rows).getDimSize(1);
}

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
  if (failed(x)) {
    return failure();
  }
  int64_t columns = getColumns(op.getX().getType());
  int64_t group = op.getGroup();
  double epsilon = op.getEpsilon().convertToDouble();
  std::vector<double> factors(group, 1.0);
  if (op.getWeight()) {
    FailureOr<std::vector<double>> weight =
        access.readWeight(op.getWeight(), 0, 1);
    if (failed(weight)) {
      return failure();
    }
    for (int64_t i = 0; i < group; ++i) {
      factors[i] = (op.getUnitOffset() ? 1.0 : 0.0) + (*weight)[i];
    }
  }
  std::vector<double> out(columns);
  for (int64_t m = 0; m < access.getRows(); ++m) {
    for (int64_t g = 0; g < columns; g += group) {
      const double *values = x->data() + m * columns + g;
      double sum = 0;
      for (int64_t i = 0; i < group; ++i) {
        sum += values[i] * values[i];
      }
      double norm = std::sqrt(sum / static_cast<double>(group) + epsilon);
      for (int64_t i = 0; i < group; ++i) {
        out[g + i] = values[i] / norm * factors[i];
      }
    }
    access.writeRow(m, out);
  }
  return success();
}

static LogicalResult run(LinearOp op, RowAccess &access) {
  if (access.isInPlace(op.getX())) {
    return op.emitOpError("writes the rows that it reads");
  }
  FailureOr<std::vector<double>> x = access.read(op.getX());
  if (failed(x)) {
    return failure();
  }
  llvm::ArrayRef<int64_t> shape = getWeightShape(op.getWeight().getType());
  int64_t n = shape[0];
  int64_t k = shape[1];
  int64_t rowsAtOnce = std::max<int64_t>(1, kProducts / n);
  for (int64_t m = 0; m < access.getRows(); m += rowsAtOnce) {
    int64_t rows = std::min(rowsAtOnce, access.getRows() - m);
    std::vector<double> out(rows * n);
    for (int64_t first = 0; first < n; first += kWeightRows) {
      int64_t count = std::min(kWeightRows, n - first);
      FailureOr<std::vector<double>> weight =
          access.readWeight(op.getWeight(), first, count);
      if (failed(weight)) {
        return failure();
      }
      for (int64_t r = 0; r < rows; ++r) {
        const double *row = x->data() + (m + r) * k;
        for (int64_t j = 0; j < count; ++j) {
          const double *column = weight->data() + j * k;
          double sum = 0;
          for (int64_t i = 0; i < k; ++i) {
            sum += row[i] * column[i];
          }
          out[r * n + first + j] = sum;
        }
      }
    }
    for (int64_t r = 0; r < rows; ++r) {
      access.writeRow(m + r, llvm::ArrayRef(out).slice(r * n, n));
    }
  }
  return success();
}

/// Checks that the table gives, for one position, the angles that the op's
/// attributes say. The op itself is computed from the attributes: rounding the
/// table to f32 is an error of the implementation, not of the meaning.
static LogicalResult checkTable(RopeOp op, RowAccess &access, int64_t position,
                                llvm::ArrayRef<double> cosines,
                                llvm::ArrayRef<double> sines) {
  constexpr int64_t kStride = RopeTableSourceAttr::kStride;
  auto half = static_cast<int64_t>(cosines.size());
  int64_t coarse = getWeightShape(op.getTable().getType())[0] - kStride;
  if (position / kStride >= coarse) {
    return op.emitOpError("expected positions below ")
           << coarse * kStride << " for the table, found " << position;
  }
  auto a = access.readWeight(op.getTable(), position / kStride, 1);
  auto b = access.readWeight(op.getTable(), coarse + position % kStride, 1);
  if (failed(a) || failed(b)) {
    return failure();
  }
  for (int64_t i = 0; i < half; ++i) {
    double cosA = (*a)[i], sinA = (*a)[half + i];
    double cosB = (*b)[i], sinB = (*b)[half + i];
    double cosine = cosA * cosB - sinA * sinB;
    double sine = sinA * cosB + cosA * sinB;
    if (!(std::fabs(cosine - cosines[i]) < 1e-6) ||
        !(std::fabs(sine - sines[i]) < 1e-6)) {
      return op.emitOpError("expected (")
             << cosines[i] << ", " << sines[i] << ") for pair " << i
             << " at position " << position << ", found (" << cosine << ", "
             << sine << ") in the table";
    }
  }
  return success();
}

static LogicalResult run(RopeOp op, RowAccess &access) {
  FailureOr<std::vector<double>> x = access.read(op.getX());
  FailureOr<std::vector<int64_t>> positions =
      access.readInts(op.getPositions());
  if (failed(x) || failed(positions)) {
    return failure();
  }
  int64_t columns = getColumns(op.getX().getType());
  auto headDim = static_cast<int64_t>(op.getHeadDim());
  int64_t pairs = static_cast<int64_t>(op.getRotated()) / 2;
  int64_t half = headDim / 2;
  double base = op.getBase().convertToDouble();
  double scale = op.getPositionScale().convertToDouble();
  std::vector<double> cosines(pairs);
  std::vector<double> sines(pairs);
  for (int64_t m = 0; m < access.getRows(); ++m) {
    int64_t position = (*positions)[m];
    if (position < 0) {
      return op.emitOpError("expected positions of 0 or more, found ")
             << position;
    }
    for (int64_t i = 0; i < pairs; ++i) {
      double exponent =
          -2.0 * static_cast<double>(i) / static_cast<double>(headDim);
      double angle =
          static_cast<double>(position) / scale * std::pow(base, exponent);
      cosines[i] = std::cos(angle);
      sines[i] = std::sin(angle);
    }
    if (op.getTable() &&
        failed(checkTable(op, access, position, cosines, sines))) {
      return failure();
    }
    const double *row = x->data() + m * columns;
    std::vector<double> out(row, row + columns);
    for (int64_t head = 0; head < columns; head += headDim) {
      for (int64_t i = head; i < head + pairs; ++i) {
        double cosine = cosines[i - head];
        double sine = sines[i - head];
        out[i] = row[i] * cosine - row[i + half] * sine;
        out[i + half] = row[i + half] * cosine + row[i] * sine;
      }
    }
    access.writeRow(m, out);
  }
  return success();
}

static double gelu(double x, Gelu form) {
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

static LogicalResult run(SelectRowsOp op, RowAccess &access, Frame &frame) {
  if (access.isInPlace(op.getX())) {
    return op.emitOpError("writes the rows that it reads");
  }
  FailureOr<View> x = frame.getView(op, op.getX());
  FailureOr<std::vector<int64_t>> indices = access.readInts(op.getIndices());
  if (failed(x) || failed(indices)) {
    return failure();
  }
  for (int64_t m = 0; m < access.getRows(); ++m) {
    int64_t index = (*indices)[m];
    if (index < 0 || index >= x->getSizes()[0]) {
      return op.emitOpError("expected row numbers below ")
             << x->getSizes()[0] << ", found " << index;
    }
    FailureOr<std::vector<double>> row = x->row(index).read(op);
    if (failed(row)) {
      return failure();
    }
    access.writeRow(m, *row);
  }
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
      .Case<EmbedOp, RmsNormOp, LinearOp, RopeOp, GegluOp, SoftcapOp>(
          [&](auto decoderOp) { return run(decoderOp, *access); })
      .Case([&](SelectRowsOp select) { return run(select, *access, frame); })
      .Case([&](CacheWriteOp write) {
        return runCacheWrite(write, frame, *access);
      })
      .Case([&](AttentionOp attention) {
        return runAttention(attention, frame, *access);
      })
      .Default([](Operation *unknown) {
        return unknown->emitOpError("is not known to the interpreter");
      });
}
