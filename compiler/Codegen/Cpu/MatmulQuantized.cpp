//===- MatmulQuantized.cpp - The matmul generator: q8_0, q4_0 -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Weights are unsigned, with a zero point, and rows signed, as vpdpbusd takes
// them; sdot takes signed ones, whose sign bit is flipped on the way. A block
// of 32 is an integer dot product, which is exact in any order; it starts from
// minus the zero point times the sum of the row's integers, and is added to the
// f32 sum times both scales. With dot product instructions it starts from the
// bits of a large f32 too, so that the sum need not be converted: it is that
// f32 plus the integer, and a fused multiply-add takes the f32 away without
// rounding.
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/DotProducts.h"
#include "compiler/Codegen/Cpu/HalfFloat.h"
#include "compiler/Codegen/Cpu/Matmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// Bytes of a superblock's scales, and of one of its vectors of integers.
static constexpr int64_t kLine = kCacheLine;
/// K values of one step: those of one 32-bit lane.
static constexpr int64_t kStep = 4;
/// Steps of a block.
static constexpr int64_t kSteps = kScaleBlock / kStep;
/// 1.5 * 2^23: integers below 2^22 added to its bits are added to its value.
static constexpr double kBias = 12582912.0;
static constexpr int64_t kBiasBits = 0x4b400000;

int64_t mlir::gemma::getDotBias(const CpuTarget &target) {
  return target.hasInt8Dot ? kBiasBits : 0;
}

/// Whether the kernel makes signed integers of the unsigned ones in memory.
static bool flipsSign(const CpuTarget &target, EncodingKind kind) {
  return target.hasSignedDot() && kind == EncodingKind::Q8_0;
}

int64_t mlir::gemma::getDotZeroPoint(const CpuTarget &target,
                                     EncodingKind kind) {
  return flipsSign(target, kind) ? 0 : getZeroPoint(kind);
}

Value Matmul::loadWord(Value row, Value at, Type type) {
  Value bytes = vector::LoadOp::create(b, VectorType::get({4}, b.getI8Type()),
                                       x, ValueRange{row, at});
  Value word = vector::BitCastOp::create(b, VectorType::get({1}, type), bytes);
  return kernel.broadcast(
      vector::ExtractOp::create(b, word, ArrayRef<int64_t>{0}), kPanel);
}

Value Matmul::scaleDot(Value dot, Value scales) {
  auto type = cast<VectorType>(scales.getType());
  if (!kernel.target.hasInt8Dot) {
    return kernel.mulF(arith::SIToFPOp::create(b, type, dot), scales);
  }
  assert(kernel.target.hasFma && "the bias must go without rounding");
  // Exact up to the one rounding of the product, for scales have 11 bits.
  Value bias = kernel.mulF(scales, kernel.splat(-kBias, kPanel));
  return kernel.mulAdd(arith::BitcastOp::create(b, type, dot), scales, bias);
}

Value Matmul::loadScales(const WeightPanel &panel, Value at, int64_t half) {
  if (isExpanded) {
    return loadWeights(panel, at, half * kLine,
                       VectorType::get({kPanel}, b.getF32Type()), kLine);
  }
  auto halves = VectorType::get({kPanel}, b.getF16Type());
  return extendHalf(
      kernel, loadWeights(panel, at, half * kLine / 2, halves, kLine / 2));
}

std::pair<Value, Value> Matmul::loadStepPair(const WeightPanel &panel, Value at,
                                             int64_t pair) {
  auto bytes = VectorType::get({kLine}, b.getI8Type());
  if (isExpanded || kind == EncodingKind::Q8_0) {
    int64_t begin = (isExpanded ? 2 : 1) * kLine + 2 * pair * kLine;
    auto load = [&](int64_t line) -> Value {
      Value values = loadWeights(panel, at, begin + line * kLine, bytes, kLine);
      if (isExpanded || !flipsSign(kernel.target, kind)) {
        return values;
      }
      return arith::XOrIOp::create(b, values, constant(bytes, 0x80));
    };
    Value first = load(0);
    return {first, load(1)};
  }
  auto shorts = VectorType::get({kLine / 2}, b.getIntegerType(16));
  Value nibbles = constant(bytes, 0x0f);
  Value both = loadWeights(panel, at, kLine + pair * kLine, bytes, kLine);
  Value shifted = arith::ShRUIOp::create(
      b, vector::BitCastOp::create(b, shorts, both), constant(shorts, 4));
  return {arith::AndIOp::create(b, both, nibbles),
          arith::AndIOp::create(b, vector::BitCastOp::create(b, bytes, shifted),
                                nibbles)};
}

SmallVector<WeightPanel> Matmul::expand(ArrayRef<WeightPanel> panels,
                                        Value begin, Value end) {
  int64_t size = getChunkUnits() * kExpandedBytes;
  if (!expanded) {
    expanded = kernel.allocateBytes(kernel.target.panelsPerItem * size);
  }
  SmallVector<WeightPanel> results;
  for (size_t p = 0; p < panels.size(); ++p) {
    results.push_back({expanded, kernel.index(p * size)});
  }
  kernel.forRange(begin, end, 1, [&](Value block) {
    Value from = kernel.mul(block, getUnitBytes());
    Value to = kernel.mul(kernel.sub(block, begin), kExpandedBytes);
    startPrefetch(panels, from);
    for (auto [panel, result] : llvm::zip(panels, results)) {
      int64_t line = 0;
      auto store = [&](Value values) {
        auto bytes = VectorType::get({kLine}, b.getI8Type());
        if (values.getType() != bytes) {
          values = vector::BitCastOp::create(b, bytes, values);
        }
        Value place = kernel.add(kernel.add(result.offset, to), line++ * kLine);
        vector::StoreOp::create(b, values, result.memory, ValueRange{place},
                                /*nontemporal=*/false, llvm::MaybeAlign(kLine));
      };
      store(loadScales(panel, from, 0));
      store(loadScales(panel, from, 1));
      for (int64_t pair = 0; pair < kSuperblock / kStep / 2; ++pair) {
        auto [first, second] = loadStepPair(panel, from, pair);
        store(first);
        store(second);
      }
    }
  });
  return results;
}

void Matmul::emitExpanded(ArrayRef<WeightPanel> panels, Value begin, Value end,
                          Value first, Value last, int64_t lane, Place place) {
  SmallVector<WeightPanel> bytes = expand(panels, first, last);
  isExpanded = true;
  forRowBlocks(
      begin, end, lane, panels.size(), place,
      [&](Value firstRow, ArrayRef<Value> rows, ValueRange sums) {
        // Meanwhile the next chunk is fetched: a block of rows has one line of
        // each of its superblocks; about a hundred rows have all.
        Value number = kernel.div(kernel.sub(firstRow, begin),
                                  kernel.target.rowBlocks.front());
        Value line = kernel.mul(kernel.rem(number, getUnitBytes() / kCacheLine),
                                kCacheLine);
        return kernel.forRange(
            first, last, 1, sums, [&](Value block, ValueRange carried) {
              Value at = kernel.mul(block, getUnitBytes());
              Value next = kernel.add(
                  at, getAhead(panels, at, getChunkUnits() * getUnitBytes()));
              for (const WeightPanel &panel : panels) {
                prefetch(panel, kernel.add(next, line));
              }
              return emitSuperblock(bytes, rows, block,
                                    kernel.sub(block, first), carried);
            });
      });
  isExpanded = false;
}

SmallVector<Value> Matmul::emitSuperblock(ArrayRef<WeightPanel> panels,
                                          ArrayRef<Value> rows, Value block,
                                          Value local, ValueRange sums) {
  auto i32 = b.getI32Type();
  Value at = kernel.mul(local, isExpanded ? kExpandedBytes : getUnitBytes());
  Value columns = kernel.mul(block, kSuperblock);
  if (isExpanded) {
    ahead = nullptr;
  } else {
    startPrefetch(panels, at);
  }
  Sums results(sums.begin(), sums.end());

  for (int64_t half = 0; half < kSuperblock / kScaleBlock; ++half) {
    Value scaleAt = kernel.add(kernel.mul(block, 8), 4 * half);
    Sums dots(results.size());
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value correction =
          loadWord(row, kernel.add(scaleAt, layout.getCorrections()), i32);
      for (size_t p = 0; p < panels.size(); ++p) {
        dots[p * rows.size() + r] = correction;
      }
    }
    auto step = [&](ArrayRef<Value> weights, int64_t number) {
      int64_t column = half * kScaleBlock + number * kStep;
      for (auto [r, row] : llvm::enumerate(rows)) {
        Value input = loadWord(row, kernel.add(columns, column), i32);
        for (size_t p = 0; p < panels.size(); ++p) {
          Value &sum = dots[p * rows.size() + r];
          sum = dotBytes(kernel, sum, weights[p], input);
        }
      }
    };
    for (int64_t pair = 0; pair < kSteps / 2; ++pair) {
      SmallVector<Value> first, second;
      for (const WeightPanel &panel : panels) {
        auto both = loadStepPair(panel, at, half * kSteps / 2 + pair);
        first.push_back(both.first);
        second.push_back(both.second);
      }
      step(first, 2 * pair);
      step(second, 2 * pair + 1);
    }
    SmallVector<Value> scales;
    for (const WeightPanel &panel : panels) {
      scales.push_back(loadScales(panel, at, half));
    }
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value rowScale = loadWord(row, kernel.add(scaleAt, layout.getScales()),
                                b.getF32Type());
      for (size_t p = 0; p < panels.size(); ++p) {
        Value &sum = results[p * rows.size() + r];
        Value product = scaleDot(dots[p * rows.size() + r], scales[p]);
        sum = kernel.mulAdd(product, rowScale, sum);
      }
    }
  }
  return results;
}
