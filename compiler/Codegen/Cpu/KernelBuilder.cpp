//===- KernelBuilder.cpp - What the loops of all CPU kernels are made of -*- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/KernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

KernelBuilder::KernelBuilder(func::FuncOp source, const CpuTarget &target)
    : b(source.getLoc(), source.getContext()), target(target) {
  b.setInsertionPoint(source);
  Block &old = source.getBody().front();
  auto indexType = b.getIndexType();

  // Types first: a function is created with its signature.
  SmallVector<Type> types;
  SmallVector<unsigned> capacities;
  for (Type type : old.getArgumentTypes()) {
    if (auto packed = dyn_cast<PackedType>(type)) {
      types.push_back(MemRefType::get({packed.getBytes()}, b.getI8Type()));
    } else if (auto cache = dyn_cast<KvCacheType>(type)) {
      types.append(2, MemRefType::get({1}, cache.getElement()));
      capacities.push_back(types.size());
      types.push_back(indexType);
    } else {
      types.push_back(type);
    }
  }
  kernel = func::FuncOp::create(b, source.getSymName(),
                                b.getFunctionType(types, TypeRange()));
  for (unsigned argument : capacities) {
    kernel.setArgAttr(argument, "gemma.capacity", b.getUnitAttr());
  }

  Block *block = kernel.addEntryBlock();
  unsigned next = 0;
  for (Value argument : old.getArguments()) {
    if (isa<KvCacheType>(argument.getType())) {
      caches[argument] = {block->getArgument(next),
                          block->getArgument(next + 1),
                          block->getArgument(next + 2)};
      next += 3;
    } else {
      buffers[argument] = block->getArgument(next++);
    }
  }
  rows = block->getArgument(next - 3);
  begin = block->getArgument(next - 2);
  end = block->getArgument(next - 1);
  b.setInsertionPointToStart(block);
  auto terminator = func::ReturnOp::create(b);
  b.setInsertionPoint(terminator);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

void KernelBuilder::forRange(Value begin, Value end, int64_t step,
                             llvm::function_ref<void(Value)> body) {
  forRange(begin, end, index(step), body);
}

void KernelBuilder::forRange(Value begin, Value end, Value step,
                             llvm::function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(b, begin, end, step);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

SmallVector<Value> KernelBuilder::forRange(
    Value begin, Value end, int64_t step, ValueRange inits,
    llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(b, begin, end, index(step), inits);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> results =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(b, results);
  return SmallVector<Value>(loop.getResults());
}

void KernelBuilder::forItems(llvm::function_ref<void(Value)> body) {
  forRange(begin, end, 1, body);
}

void KernelBuilder::forRowTiles(const Grid &grid,
                                llvm::function_ref<void(Value, Value)> body) {
  forItems([&](Value item) {
    if (grid.tiles == 1) {
      return body(item, index(0));
    }
    body(div(item, grid.tiles), rem(item, grid.tiles));
  });
}

void KernelBuilder::forColumns(int64_t width, ColumnBody body) {
  int64_t whole = width / kLanes * kLanes;
  if (whole > 0) {
    forRange(index(0), index(whole), kLanes,
             [&](Value column) { body(column, kLanes); });
  }
  if (whole < width) {
    body(index(whole), width - whole);
  }
}

void KernelBuilder::forTileColumns(Value tile, int64_t width, ColumnBody body) {
  if (width <= kColumnTile) {
    return forColumns(width, body);
  }
  int64_t whole = width / kLanes * kLanes;
  Value first = mul(tile, kColumnTile);
  Value last = min(add(first, kColumnTile), index(whole));
  forRange(first, last, kLanes, [&](Value column) { body(column, kLanes); });
  if (whole < width) {
    int64_t lastTile = (width - 1) / kColumnTile;
    when(equal(tile, index(lastTile)),
         [&] { body(index(whole), width - whole); });
  }
}

void KernelBuilder::when(Value condition, llvm::function_ref<void()> then,
                         llvm::function_ref<void()> orElse) {
  auto branch = scf::IfOp::create(b, condition, /*withElseRegion=*/
                                  static_cast<bool>(orElse));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  then();
  if (orElse) {
    b.setInsertionPointToStart(branch.elseBlock());
    orElse();
  }
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

Value KernelBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}
Value KernelBuilder::add(Value a, Value c) {
  return arith::AddIOp::create(b, a, c);
}
Value KernelBuilder::add(Value a, int64_t c) { return add(a, index(c)); }
Value KernelBuilder::sub(Value a, Value c) {
  return arith::SubIOp::create(b, a, c);
}
Value KernelBuilder::mul(Value a, Value c) {
  return arith::MulIOp::create(b, a, c);
}
Value KernelBuilder::mul(Value a, int64_t c) { return mul(a, index(c)); }
Value KernelBuilder::div(Value a, Value c) {
  return arith::DivUIOp::create(b, a, c);
}
Value KernelBuilder::div(Value a, int64_t c) { return div(a, index(c)); }
Value KernelBuilder::rem(Value a, Value c) {
  return arith::RemUIOp::create(b, a, c);
}
Value KernelBuilder::rem(Value a, int64_t c) { return rem(a, index(c)); }
Value KernelBuilder::min(Value a, Value c) {
  return arith::MinSIOp::create(b, a, c);
}
Value KernelBuilder::max(Value a, Value c) {
  return arith::MaxSIOp::create(b, a, c);
}
Value KernelBuilder::less(Value a, Value c) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, a, c);
}
Value KernelBuilder::equal(Value a, Value c) {
  return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, a, c);
}
Value KernelBuilder::loadIndex(Value buffer, Value row) {
  Value value = memref::LoadOp::create(b, buffer, row);
  return arith::IndexCastOp::create(b, b.getIndexType(), value);
}

//===----------------------------------------------------------------------===//
// Values in f32
//===----------------------------------------------------------------------===//

/// `type` with the element replaced, for scalars and vectors.
static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type)) {
    return vector.clone(element);
  }
  return element;
}

/// A constant of `type`, every lane `value`.
static Value constantLike(ImplicitLocOpBuilder &b, Type type, int64_t value) {
  auto attribute = b.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type)) {
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(vector, attribute.getValue()));
  }
  return arith::ConstantOp::create(b, attribute);
}

Value KernelBuilder::f32(double value) {
  return arith::ConstantOp::create(b, b.getF32FloatAttr(value));
}
Value KernelBuilder::splat(double value, int64_t lanes) {
  auto type = VectorType::get({lanes}, b.getF32Type());
  return arith::ConstantOp::create(
      b, DenseElementsAttr::get(type, static_cast<float>(value)));
}
Value KernelBuilder::broadcast(Value scalar, int64_t lanes) {
  auto type = VectorType::get({lanes}, scalar.getType());
  return vector::BroadcastOp::create(b, type, scalar);
}
Value KernelBuilder::addF(Value a, Value c) {
  return arith::AddFOp::create(b, a, c);
}
Value KernelBuilder::subF(Value a, Value c) {
  return arith::SubFOp::create(b, a, c);
}
Value KernelBuilder::mulF(Value a, Value c) {
  return arith::MulFOp::create(b, a, c);
}
Value KernelBuilder::divF(Value a, Value c) {
  return arith::DivFOp::create(b, a, c);
}
Value KernelBuilder::mulAdd(Value a, Value c, Value d) {
  if (target.hasFma) {
    return vector::FMAOp::create(b, a, c, d);
  }
  return addF(mulF(a, c), d);
}
Value KernelBuilder::maxF(Value a, Value c) {
  // One instruction; arith.maximumf adds the handling of NaN and -0, which
  // nothing here needs: a NaN reaches the result through the exponential.
  Value greater = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, a, c);
  return arith::SelectOp::create(b, greater, a, c);
}

Value KernelBuilder::reduce(Value vector,
                            llvm::function_ref<Value(Value, Value)> combine) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  while (lanes > 1) {
    // An odd lane out is combined when the halves are even again.
    int64_t half = llvm::divideCeil(lanes, 2);
    SmallVector<int64_t> low, high;
    for (int64_t i = 0; i < lanes - half; ++i) {
      low.push_back(i);
      high.push_back(i + half);
    }
    Value folded = combine(vector::ShuffleOp::create(b, vector, vector, low),
                           vector::ShuffleOp::create(b, vector, vector, high));
    if (lanes % 2 == 0) {
      vector = folded;
    } else {
      // Append the middle lane: lane `half - 1` had no partner.
      SmallVector<int64_t> rest;
      for (int64_t i = 0; i < half - 1; ++i) {
        rest.push_back(i);
      }
      rest.push_back(half - 1 + half - 1);
      vector = vector::ShuffleOp::create(b, folded, vector, rest);
    }
    lanes = half;
  }
  return vector::ExtractOp::create(b, vector, ArrayRef<int64_t>{0});
}

Value KernelBuilder::sumLanes(Value vector) {
  return reduce(vector, [&](Value a, Value c) { return addF(a, c); });
}
Value KernelBuilder::maxLanes(Value vector) {
  return reduce(vector, [&](Value a, Value c) { return maxF(a, c); });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value KernelBuilder::extend(Value value) {
  if (!getElementTypeOrSelf(value.getType()).isBF16()) {
    return value;
  }
  return arith::ExtFOp::create(b, withElement(value.getType(), b.getF32Type()),
                               value);
}

Value KernelBuilder::round(Value value) {
  // In integers: the same bits on every CPU (vcvtneps2bf16 flushes
  // denormals), and no call to a library where the CPU has no instruction.
  Type wide = withElement(value.getType(), b.getI32Type());
  Type narrow = withElement(value.getType(), b.getIntegerType(16));
  auto constant = [&](int64_t bits) { return constantLike(b, wide, bits); };
  Value bits = arith::BitcastOp::create(b, wide, value);
  Value odd = arith::AndIOp::create(
      b, arith::ShRUIOp::create(b, bits, constant(16)), constant(1));
  Value bias = arith::AddIOp::create(b, odd, constant(0x7fff));
  Value rounded = arith::ShRUIOp::create(
      b, arith::AddIOp::create(b, bits, bias), constant(16));
  Value isNan =
      arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, value, value);
  Value chosen = arith::SelectOp::create(b, isNan, constant(0x7fc0), rounded);
  Value half = arith::TruncIOp::create(b, narrow, chosen);
  return arith::BitcastOp::create(
      b, withElement(value.getType(), b.getBF16Type()), half);
}

Value KernelBuilder::load(Value buffer, ValueRange indices, int64_t lanes) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType();
  auto type = VectorType::get({lanes}, element);
  return extend(vector::LoadOp::create(b, type, buffer, indices));
}

Value KernelBuilder::loadScalar(Value buffer, ValueRange indices) {
  return extend(memref::LoadOp::create(b, buffer, indices));
}

void KernelBuilder::store(Value vector, Value buffer, ValueRange indices) {
  if (cast<MemRefType>(buffer.getType()).getElementType().isBF16()) {
    vector = round(vector);
  }
  vector::StoreOp::create(b, vector, buffer, indices);
}

void KernelBuilder::storeScalar(Value scalar, Value buffer,
                                ValueRange indices) {
  if (cast<MemRefType>(buffer.getType()).getElementType().isBF16()) {
    scalar = round(scalar);
  }
  memref::StoreOp::create(b, scalar, buffer, indices);
}

Value KernelBuilder::viewWeight(Value argument, ArrayRef<int64_t> shape,
                                Type element) {
  return memref::ViewOp::create(b, MemRefType::get(shape, element),
                                getBuffer(argument), index(0), ValueRange());
}

Value KernelBuilder::viewCache(Value buffer, Value size) {
  auto element = cast<MemRefType>(buffer.getType()).getElementType();
  auto type = MemRefType::get({ShapedType::kDynamic}, element);
  SmallVector<OpFoldResult> sizes = {size};
  SmallVector<OpFoldResult> strides = {b.getIndexAttr(1)};
  return memref::ReinterpretCastOp::create(b, type, buffer, b.getIndexAttr(0),
                                           sizes, strides);
}

Value KernelBuilder::allocate(MemRefType type) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&kernel.getBody().front());
  return memref::AllocaOp::create(b, type, ValueRange(),
                                  b.getI64IntegerAttr(64));
}

Value KernelBuilder::allocate(ArrayRef<int64_t> shape) {
  return allocate(MemRefType::get(shape, b.getF32Type()));
}

Value KernelBuilder::allocateBytes(int64_t count) {
  OpBuilder::InsertionGuard guard(b);
  Value bytes = allocate(MemRefType::get({count}, b.getI8Type()));
  b.setInsertionPointAfterValue(bytes);
  auto type = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
  return memref::CastOp::create(b, type, bytes);
}
