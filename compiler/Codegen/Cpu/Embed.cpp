//===- Embed.cpp - Code for gemma.embed -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/HalfFloat.h"
#include "compiler/Codegen/Cpu/Lowerings.h"
#include "dialect/PackedRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// Values of a k-step of a quantised weight.
static constexpr int64_t kStep = 4;

namespace {

/// Reads rows of a table that lies in panels of 16 tokens, as it is the head's
/// weight too: a token's row is one lane of a panel.
class TableReader {
public:
  /// Takes `lanes` f32 values of the row, from `column` on.
  using Sink =
      llvm::function_ref<void(Value column, Value values, int64_t lanes)>;

  TableReader(EmbedOp op, KernelBuilder &kernel)
      : kernel(kernel), b(kernel.b), table(op.getTable()),
        packed(cast<PackedType>(table.getType())),
        kind(packed.getEncoding().getKind()), width(packed.getShape()[1]),
        panels(llvm::divideCeil(packed.getShape()[0], kPanel)) {}

  /// Views of the table, outside all loops.
  void prepare();
  /// All columns of a token's row, ascending.
  void read(Value token, Sink sink);

private:
  /// f32, f16 and bf16: `pair` columns lie together.
  void readFloats(Value panel, Value lane, Sink sink);
  void readQuantized(Value panel, Value lane, Sink sink);
  /// Values [0, columns) of superblock `block` of a panel.
  void readSuperblock(Value panel, Value block, Value lane, int64_t columns,
                      Sink sink);
  /// The scale of a block of 32 values: half 0 or 1 of a superblock.
  Value loadScale(Value panel, Value block, int64_t half, Value lane);
  /// The first `lanes` of the 4 integers of a step, as f32.
  Value loadStep(Value panel, Value block, Value step, Value lane,
                 int64_t lanes);

  bool isQ4() const { return kind == EncodingKind::Q4_0; }
  int64_t getPair() const { return kind == EncodingKind::BF16 ? 2 : 1; }
  /// Bytes of the 16 lanes of a step, or of two of q4_0.
  static constexpr int64_t kLaneBytes = kPanel * kStep;
  int64_t getStepRows() const { return kSuperblock / kStep / (isQ4() ? 2 : 1); }

  KernelBuilder &kernel;
  ImplicitLocOpBuilder &b;
  Value table;
  PackedType packed;
  EncodingKind kind;
  int64_t width;
  int64_t panels;
  /// [panel][step][lane][pair], or [panel][superblock][part].
  Value floats, scales, bytes;
};

} // namespace

void TableReader::prepare() {
  if (!isQuantized(kind)) {
    Type element = packed.getEncoding().getElementType();
    if (element.isF16()) {
      element = b.getI16Type();
    }
    int64_t steps = llvm::divideCeil(width, getPair());
    floats =
        kernel.viewWeight(table, {panels, steps, kPanel, getPair()}, element);
    return;
  }
  // A superblock is 64 bytes of scales and 64 bytes per row of steps: the
  // same memory as rows of 32 scales and as rows of bytes.
  int64_t rows = llvm::divideCeil(width, kSuperblock) * (1 + getStepRows());
  scales =
      kernel.viewWeight(table, {panels, rows, kLaneBytes / 2}, b.getI16Type());
  bytes = kernel.viewWeight(table, {panels, rows, kLaneBytes}, b.getI8Type());
}

void TableReader::read(Value token, Sink sink) {
  Value panel = kernel.div(token, kPanel);
  Value lane = kernel.rem(token, kPanel);
  if (isQuantized(kind)) {
    readQuantized(panel, lane, sink);
  } else {
    readFloats(panel, lane, sink);
  }
}

void TableReader::readFloats(Value panel, Value lane, Sink sink) {
  int64_t pair = getPair();
  auto copy = [&](Value step, int64_t lanes) {
    Value values =
        kernel.load(floats, {panel, step, lane, kernel.index(0)}, lanes);
    if (kind == EncodingKind::F16) {
      values = extendHalf(b, values);
    }
    sink(kernel.mul(step, pair), values, lanes);
  };
  kernel.forRange(kernel.index(0), kernel.index(width / pair), 1,
                  [&](Value step) { copy(step, pair); });
  if (width % pair != 0) {
    copy(kernel.index(width / pair), 1);
  }
}

void TableReader::readQuantized(Value panel, Value lane, Sink sink) {
  int64_t whole = width / kSuperblock;
  kernel.forRange(kernel.index(0), kernel.index(whole), 1, [&](Value block) {
    readSuperblock(panel, block, lane, kSuperblock, sink);
  });
  if (width % kSuperblock != 0) {
    readSuperblock(panel, kernel.index(whole), lane, width % kSuperblock, sink);
  }
}

void TableReader::readSuperblock(Value panel, Value block, Value lane,
                                 int64_t columns, Sink sink) {
  Value first = kernel.mul(block, kSuperblock);
  for (int64_t half = 0; half * kScaleBlock < columns; ++half) {
    int64_t here = std::min(columns - half * kScaleBlock, kScaleBlock);
    Value scale = loadScale(panel, block, half, lane);
    auto copy = [&](Value step, int64_t lanes) {
      Value q = loadStep(panel, block, step, lane, lanes);
      // Exact: 11 bits times 8.
      Value values = kernel.mulF(q, kernel.broadcast(scale, lanes));
      sink(kernel.add(first, kernel.mul(step, kStep)), values, lanes);
    };
    int64_t begin = half * kScaleBlock / kStep;
    int64_t end = begin + here / kStep;
    kernel.forRange(kernel.index(begin), kernel.index(end), 1,
                    [&](Value step) { copy(step, kStep); });
    if (here % kStep != 0) {
      copy(kernel.index(end), here % kStep);
    }
  }
}

Value TableReader::loadScale(Value panel, Value block, int64_t half,
                             Value lane) {
  Value row = kernel.mul(block, 1 + getStepRows());
  Value bits = memref::LoadOp::create(
      b, scales, ValueRange{panel, row, kernel.add(lane, half * kPanel)});
  return extendHalf(b, bits);
}

Value TableReader::loadStep(Value panel, Value block, Value step, Value lane,
                            int64_t lanes) {
  Value row = isQ4() ? kernel.div(step, 2) : step;
  row = kernel.add(kernel.add(kernel.mul(block, 1 + getStepRows()), 1), row);
  Value word =
      vector::LoadOp::create(b, VectorType::get({lanes}, b.getI8Type()), bytes,
                             ValueRange{panel, row, kernel.mul(lane, kStep)});
  auto wide = VectorType::get({lanes}, b.getI32Type());
  Value q = arith::ExtUIOp::create(b, wide, word);
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(wide, static_cast<int32_t>(value)));
  };
  if (isQ4()) {
    // An even step's integers are the low halves, an odd one's the high ones.
    Value shift = kernel.mul(kernel.rem(step, 2), 4);
    Value amount = arith::IndexCastOp::create(b, b.getI32Type(), shift);
    q = arith::ShRUIOp::create(b, q,
                               vector::BroadcastOp::create(b, wide, amount));
    q = arith::AndIOp::create(b, q, constant(15));
  }
  q = arith::SubIOp::create(b, q, constant(getZeroPoint(kind)));
  return arith::SIToFPOp::create(b, VectorType::get({lanes}, b.getF32Type()),
                                 q);
}

LogicalResult mlir::gemma::lowerEmbed(EmbedOp op, KernelBuilder &kernel) {
  TableReader table(op, kernel);
  table.prepare();
  Value tokens = kernel.getBuffer(op.getTokens());
  Value out = kernel.getBuffer(op.getOut());
  double scale = op.getScaleAttr().getValueAsDouble();
  kernel.forItems([&](Value row) {
    table.read(kernel.loadIndex(tokens, row),
               [&](Value column, Value values, int64_t lanes) {
                 kernel.store(kernel.mulF(values, kernel.splat(scale, lanes)),
                              out, {row, column});
               });
  });
  return success();
}
