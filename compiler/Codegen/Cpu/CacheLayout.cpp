//===- CacheLayout.cpp - How keys and values lie in a KV cache ------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/CacheLayout.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// Bytes of a scale, which are elements of an i8 cache.
static constexpr int64_t kScaleBytes = 4;
/// Largest magnitude of a stored integer.
static constexpr double kLargest = 127.0;

CacheLayout::CacheLayout(KernelBuilder &kernel, const KernelCache &cache,
                         KvCacheType type, Value slot, Value head)
    : kernel(kernel), type(type) {
  Value room =
      kernel.mul(kernel.div(cache.capacity, kKeyBlock), getBlockSize());
  base = kernel.mul(kernel.add(kernel.mul(slot, type.getHeads()), head), room);
  Value size = kernel.add(base, room);
  keys = kernel.viewCache(cache.keys, size);
  values = kernel.viewCache(cache.values, size);
}

int64_t CacheLayout::getPanelSize() const {
  int64_t scales = hasScales() ? kScaleBytes : 0;
  return kKeyPanel * (type.getHeadDim() + scales);
}

int64_t CacheLayout::getBlockSize() const {
  return kKeyBlock / kKeyPanel * getPanelSize();
}

Value CacheLayout::getKeyPanel(Value place) const {
  return kernel.add(base,
                    kernel.mul(kernel.div(place, kKeyPanel), getPanelSize()));
}

Value CacheLayout::getValueBlock(Value place) const {
  return kernel.add(base,
                    kernel.mul(kernel.div(place, kKeyBlock), getBlockSize()));
}

Value CacheLayout::getValueColumn(Value channel) const {
  return kernel.mul(channel, kKeyBlock);
}

//===----------------------------------------------------------------------===//
// Scales
//===----------------------------------------------------------------------===//

Value CacheLayout::loadScales(Value buffer, Value at) const {
  ImplicitLocOpBuilder &b = kernel.b;
  auto bytes = VectorType::get({kLanes * kScaleBytes}, b.getI8Type());
  return vector::BitCastOp::create(
      b, VectorType::get({kLanes}, b.getF32Type()),
      vector::LoadOp::create(b, bytes, buffer, at));
}

Value CacheLayout::loadKeyScales(Value panel, Value key) const {
  Value at = kernel.add(panel, kKeyPanel * type.getHeadDim());
  return loadScales(keys, kernel.add(at, kernel.mul(key, kScaleBytes)));
}

Value CacheLayout::loadValueScales(Value block, Value key) const {
  Value at = kernel.add(block, kKeyBlock * type.getHeadDim());
  return loadScales(values, kernel.add(at, kernel.mul(key, kScaleBytes)));
}

void CacheLayout::storeScale(Value buffer, Value at, Value scale) const {
  ImplicitLocOpBuilder &b = kernel.b;
  Value bytes = vector::BitCastOp::create(
      b, VectorType::get({kScaleBytes}, b.getI8Type()),
      kernel.broadcast(scale, 1));
  vector::StoreOp::create(b, bytes, buffer, at);
}

std::pair<Value, Value> CacheLayout::getScale(Load load) const {
  ImplicitLocOpBuilder &b = kernel.b;
  Value largest = kernel.f32(0.0);
  // maximumf, so that a NaN makes the whole row one.
  auto fold = [&](Value channel, int64_t lanes, Value so) -> Value {
    Value part = math::AbsFOp::create(b, load(channel, lanes));
    return vector::ReductionOp::create(b, vector::CombiningKind::MAXIMUMF, part,
                                       so);
  };
  int64_t whole = type.getHeadDim() / kLanes * kLanes;
  if (whole > 0) {
    largest =
        kernel
            .forRange(kernel.index(0), kernel.index(whole), kLanes,
                      ValueRange{largest},
                      [&](Value channel, ValueRange so) -> SmallVector<Value> {
                        return {fold(channel, kLanes, so.front())};
                      })
            .front();
  }
  if (whole < type.getHeadDim()) {
    largest = fold(kernel.index(whole), type.getHeadDim() - whole, largest);
  }
  Value isZero = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, largest,
                                       kernel.f32(0.0));
  Value inverse = arith::SelectOp::create(
      b, isZero, kernel.f32(0.0), kernel.divF(kernel.f32(kLargest), largest));
  return {kernel.divF(largest, kernel.f32(kLargest)), inverse};
}

Value CacheLayout::quantize(Value part, Value inverse) const {
  ImplicitLocOpBuilder &b = kernel.b;
  int64_t lanes = cast<VectorType>(part.getType()).getNumElements();
  Value scaled = kernel.mulF(part, kernel.broadcast(inverse, lanes));
  // Converting a NaN or what is too large (the inverse of a subnormal number
  // is infinite) would be poison.
  Value inRange = arith::CmpFOp::create(b, arith::CmpFPredicate::OLE,
                                        math::AbsFOp::create(b, scaled),
                                        kernel.splat(kLargest + 1.0, lanes));
  Value safe =
      arith::SelectOp::create(b, inRange, scaled, kernel.splat(0.0, lanes));
  Value limited = arith::MinNumFOp::create(
      b, math::RoundEvenOp::create(b, safe), kernel.splat(kLargest, lanes));
  Value wide = arith::FPToSIOp::create(
      b, VectorType::get({lanes}, b.getI32Type()), limited);
  return arith::TruncIOp::create(b, VectorType::get({lanes}, b.getI8Type()),
                                 wide);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Stores each lane by itself, `stride` elements apart.
static void scatter(KernelBuilder &kernel, Value part, Value buffer, Value at,
                    int64_t stride) {
  int64_t lanes = cast<VectorType>(part.getType()).getNumElements();
  for (int64_t i = 0; i < lanes; ++i) {
    Value lane =
        vector::ExtractOp::create(kernel.b, part, ArrayRef<int64_t>{i});
    memref::StoreOp::create(kernel.b, lane, buffer, kernel.add(at, i * stride));
  }
}

/// Stores `part`, in the cache's element, as channels of the key at `at`.
static void storeChannels(KernelBuilder &kernel, Value part, Value buffer,
                          Value at, int64_t group) {
  if (group == 1) {
    return scatter(kernel, part, buffer, at, kKeyPanel);
  }
  int64_t lanes = cast<VectorType>(part.getType()).getNumElements();
  for (int64_t i = 0; i < lanes; i += group) {
    Value pair = vector::ExtractStridedSliceOp::create(kernel.b, part, {i},
                                                       {group}, {1});
    vector::StoreOp::create(kernel.b, pair, buffer,
                            kernel.add(at, i * kKeyPanel));
  }
}

/// Stores `part`, in the cache's element, into the column at `column` of a
/// block as value `key` of 64. A value's neighbour may be written by another
/// thread: nothing but the value itself is touched.
static void storeColumn(KernelBuilder &kernel, Value part, Value buffer,
                        Value column, Value key, int64_t group) {
  int64_t lanes = cast<VectorType>(part.getType()).getNumElements();
  Value at = kernel.add(
      kernel.add(column, kernel.mul(kernel.div(key, group), lanes * group)),
      kernel.rem(key, group));
  if (group == 1) {
    vector::StoreOp::create(kernel.b, part, buffer, at);
  } else {
    scatter(kernel, part, buffer, at, group);
  }
}

void CacheLayout::storeKeyPart(Value place, Value channel, Value part) const {
  int64_t group = getGroup();
  Value at =
      kernel.add(kernel.add(getKeyPanel(place), kernel.mul(channel, kKeyPanel)),
                 kernel.mul(kernel.rem(place, kKeyPanel), group));
  storeChannels(kernel, group == 2 ? kernel.round(part) : part, keys, at,
                group);
}

void CacheLayout::storeValuePart(Value place, Value channel, Value part) const {
  Value column = kernel.add(getValueBlock(place), getValueColumn(channel));
  storeColumn(kernel, getGroup() == 2 ? kernel.round(part) : part, values,
              column, kernel.rem(place, kKeyBlock), getGroup());
}

void CacheLayout::storeKey(Value place, Load load) const {
  if (!hasScales()) {
    return kernel.forColumns(
        type.getHeadDim(), [&](Value channel, int64_t lanes) {
          storeKeyPart(place, channel, load(channel, lanes));
        });
  }
  auto [scale, inverse] = getScale(load);
  Value panel = getKeyPanel(place);
  Value key = kernel.rem(place, kKeyPanel);
  kernel.forColumns(type.getHeadDim(), [&](Value channel, int64_t lanes) {
    Value at =
        kernel.add(kernel.add(panel, kernel.mul(channel, kKeyPanel)), key);
    storeChannels(kernel, quantize(load(channel, lanes), inverse), keys, at, 1);
  });
  Value at = kernel.add(panel, kKeyPanel * type.getHeadDim());
  storeScale(keys, kernel.add(at, kernel.mul(key, kScaleBytes)), scale);
}

void CacheLayout::storeValue(Value place, Load load) const {
  if (!hasScales()) {
    return kernel.forColumns(
        type.getHeadDim(), [&](Value channel, int64_t lanes) {
          storeValuePart(place, channel, load(channel, lanes));
        });
  }
  auto [scale, inverse] = getScale(load);
  Value block = getValueBlock(place);
  Value key = kernel.rem(place, kKeyBlock);
  kernel.forColumns(type.getHeadDim(), [&](Value channel, int64_t lanes) {
    storeColumn(kernel, quantize(load(channel, lanes), inverse), values,
                kernel.add(block, getValueColumn(channel)), key, 1);
  });
  Value at = kernel.add(block, kKeyBlock * type.getHeadDim());
  storeScale(values, kernel.add(at, kernel.mul(key, kScaleBytes)), scale);
}

LogicalResult mlir::gemma::verifyCacheLayout(Operation *op, KvCacheType type) {
  if (type.getElement().isBF16() && type.getHeadDim() % 2 != 0) {
    return op->emitOpError("expected an even head_dim for a bf16 cache, found ")
           << type.getHeadDim();
  }
  return success();
}

void mlir::gemma::storeKey(KernelBuilder &kernel, const KernelCache &cache,
                           KvCacheType type, Value slot, Value place,
                           Value head, Value channel, Value lanes) {
  CacheLayout(kernel, cache, type, slot, head)
      .storeKeyPart(place, channel, lanes);
}

void mlir::gemma::storeValue(KernelBuilder &kernel, const KernelCache &cache,
                             KvCacheType type, Value slot, Value place,
                             Value head, Value channel, Value lanes) {
  CacheLayout(kernel, cache, type, slot, head)
      .storeValuePart(place, channel, lanes);
}
