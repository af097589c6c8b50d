//===- RowPacker.cpp - Rows stored for the matmul that reads them -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/RowPacker.h"

#include "compiler/Codegen/Cpu/Matmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// Below it a block is zero: its scale's inverse would not be finite.
static constexpr double kSmallest = 1.0e-30;
/// 1.5 * 2^23: added to a small f32, it leaves the rounded integer in the low
/// bits.
static constexpr double kRounder = 12582912.0;
static constexpr int64_t kRounderBits = 0x4b400000;

void RowPacker::storeFloats(Value row, Value column, Value values,
                            int64_t count) {
  if (count <= 0) {
    return;
  }
  if (count < kLanes) {
    values = vector::ExtractStridedSliceOp::create(
        b, values, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{count},
        ArrayRef<int64_t>{1});
  }
  kernel.store(values, buffer, {row, column});
}

void RowPacker::store(Value row, Value column, Value low, Value high,
                      int64_t count) {
  if (isQuantized(kind)) {
    return storeBlock(row, column, low, high);
  }
  storeFloats(row, column, low, std::min(count, kLanes));
  storeFloats(row, kernel.add(column, kLanes), high, count - kLanes);
}

void RowPacker::storePadding(Value row) {
  // The last block of columns, padded, ends a superblock or is its first half.
  int64_t blocks = llvm::divideCeil(columns, kScaleBlock);
  if (isQuantized(kind) && blocks < layout.getBlocks()) {
    Value zero = kernel.splat(0.0, kLanes);
    storeBlock(row, kernel.index(blocks * kScaleBlock), zero, zero);
  }
}

Value RowPacker::roundToInt(Value values, Value factor) {
  auto type = VectorType::get({kLanes}, b.getI32Type());
  Value scaled = kernel.mulF(values, kernel.broadcast(factor, kLanes));
  Value shifted = kernel.addF(scaled, kernel.splat(kRounder, kLanes));
  Value bits = arith::BitcastOp::create(b, type, shifted);
  Value rounder = arith::ConstantOp::create(
      b, DenseElementsAttr::get(type, llvm::APInt(32, kRounderBits)));
  return arith::SubIOp::create(b, bits, rounder);
}

void RowPacker::storeWord(Value row, int64_t begin, Value index, Value word) {
  Value one = vector::BroadcastOp::create(
      b, VectorType::get({1}, word.getType()), word);
  Value bytes =
      vector::BitCastOp::create(b, VectorType::get({4}, b.getI8Type()), one);
  Value place = kernel.add(kernel.mul(index, 4), begin);
  vector::StoreOp::create(b, bytes, buffer, ValueRange{row, place});
}

void RowPacker::storeBlock(Value row, Value column, Value low, Value high) {
  Value largest = kernel.maxLanes(
      kernel.maxF(math::AbsFOp::create(b, low), math::AbsFOp::create(b, high)));
  Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, largest,
                                       kernel.f32(kSmallest));
  auto orZero = [&](Value value) -> Value {
    return arith::SelectOp::create(b, isZero, kernel.f32(0.0), value);
  };
  Value scale = orZero(kernel.mulF(largest, kernel.f32(1.0 / 127.0)));
  Value inverse = orZero(kernel.divF(kernel.f32(127.0), largest));

  Value sum;
  for (int64_t half = 0; half < 2; ++half) {
    Value integers = roundToInt(half == 0 ? low : high, inverse);
    Value bytes = arith::TruncIOp::create(
        b, VectorType::get({kLanes}, b.getI8Type()), integers);
    Value place = kernel.add(column, half * kLanes);
    vector::StoreOp::create(b, bytes, buffer, ValueRange{row, place});
    sum = sum ? arith::AddIOp::create(b, sum, integers) : integers;
  }
  Value total = vector::ReductionOp::create(b, vector::CombiningKind::ADD, sum);
  Value zeroPoint =
      arith::ConstantOp::create(b, b.getI32IntegerAttr(-static_cast<int32_t>(
                                       getDotZeroPoint(kernel.target, kind))));
  Value block = kernel.div(column, kScaleBlock);
  storeWord(row, layout.getScales(), block, scale);
  Value correction = arith::MulIOp::create(b, total, zeroPoint);
  if (int64_t bias = getDotBias(kernel.target)) {
    correction = arith::AddIOp::create(
        b, correction, arith::ConstantOp::create(b, b.getI32IntegerAttr(bias)));
  }
  storeWord(row, layout.getCorrections(), block, correction);
}
