//===- Matmul.cpp - The matmul generator: loops -*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Codegen/Cpu/Matmul.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::gemma;

/// Rows whose sums are kept at a time.
static constexpr int64_t kTileRows = 512;
/// With fewer rows a panel is read too few times for chunks of K to pay.
static constexpr int64_t kManyRows = 16;
/// Steps of a unit of floats.
static constexpr int64_t kUnitSteps = 4;

Matmul::Matmul(KernelBuilder &kernel, PackedType weights, Value x)
    : kernel(kernel), b(kernel.b), kind(weights.getEncoding().getKind()),
      depth(weights.getShape()[1]),
      panelBytes(weights.getEncoding().getPackedBytes({kPanel, depth})),
      layout(depth), x(x) {}

Value Matmul::getMemory(Value argument) {
  auto type = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
  return memref::CastOp::create(b, type, kernel.getBuffer(argument));
}

WeightPanel Matmul::getPanel(Value memory, Value panel) {
  return {memory, kernel.mul(panel, panelBytes)};
}

SmallVector<WeightPanel> Matmul::getPanels(Value memory, Value panel,
                                           int64_t count) {
  assert(count <= 2 && "more would not be read side by side");
  SmallVector<WeightPanel> panels;
  for (int64_t i = 0; i < count; ++i) {
    panels.push_back(getPanel(memory, i == 0 ? panel : kernel.add(panel, i)));
    panels.back().between = count - 1;
  }
  return panels;
}

int64_t Matmul::countUnits() const {
  // The last pair of an odd K is no part of a unit.
  return isQuantized(kind) ? layout.values / kSuperblock
                           : depth / getStepValues() / kUnitSteps;
}

int64_t Matmul::getUnitBytes() const {
  return isQuantized(kind) ? panelBytes / countUnits()
                           : kUnitSteps * getStepBytes();
}

SmallVector<Value> Matmul::emitUnit(ArrayRef<WeightPanel> panels,
                                    ArrayRef<Value> rows, Value unit,
                                    ValueRange sums) {
  return isQuantized(kind)
             ? emitSuperblock(panels, rows, unit, unit, sums)
             : emitSteps(panels, rows, kernel.mul(unit, kUnitSteps), kUnitSteps,
                         sums);
}

void Matmul::allocateScratch(int64_t lanes) {
  if (!scratch) {
    int64_t rows = cast<MemRefType>(x.getType()).getDimSize(0);
    scratch = kernel.allocate({std::min(rows, kTileRows), lanes});
  }
  assert(lanes <= cast<MemRefType>(scratch.getType()).getDimSize(1) &&
         "the widest item comes first");
}

void Matmul::forRowTiles(
    int64_t tileRows, Value groups,
    llvm::function_ref<SmallVector<WeightPanel>(Value group)> getPanels,
    llvm::function_ref<void(Value row, Value group, ArrayRef<Value> sums)>
        store,
    llvm::function_ref<void(Value row)> finish) {
  assert(kTileRows % tileRows == 0 && "a tile is part of one of the scratch");
  Value rows = kernel.getRows();
  kernel.forRange(kernel.index(0), rows, tileRows, [&](Value begin) {
    Value end = kernel.min(kernel.add(begin, tileRows), rows);
    kernel.forRange(kernel.index(0), groups, 1, [&](Value group) {
      SmallVector<WeightPanel> panels = getPanels(group);
      emitPanels(
          panels, begin, end, /*place=*/nullptr,
          [&](Value row, ArrayRef<Value> sums) { store(row, group, sums); });
    });
    kernel.forRange(begin, end, 1, finish);
  });
}

void Matmul::forRows(
    ArrayRef<WeightPanel> panels,
    llvm::function_ref<void(Value row, ArrayRef<Value> sums)> store,
    Place place) {
  Value rows = kernel.getRows();
  kernel.forRange(kernel.index(0), rows, kTileRows, [&](Value begin) {
    Value end = kernel.min(kernel.add(begin, kTileRows), rows);
    emitPanels(panels, begin, end, place, store);
  });
}

void Matmul::emitPanels(
    ArrayRef<WeightPanel> panels, Value begin, Value end, Place place,
    llvm::function_ref<void(Value row, ArrayRef<Value> sums)> store) {
  auto lanes = static_cast<int64_t>(panels.size()) * kPanel;
  allocateScratch(lanes);
  int64_t lane = 0;
  for (auto rest = panels; !rest.empty();) {
    auto together = rest.take_front(kernel.target.panelsPerItem);
    emitTile(together, begin, end, lane, place);
    lane += static_cast<int64_t>(together.size()) * kPanel;
    rest = rest.drop_front(together.size());
  }
  kernel.forRange(begin, end, 1, [&](Value row) {
    Sums sums;
    for (int64_t at = 0; at < lanes; at += kPanel) {
      sums.push_back(kernel.load(scratch, getSumPlace(row, at), kPanel));
    }
    store(row, sums);
  });
}

SmallVector<Value, 2> Matmul::getSumPlace(Value row, int64_t lane) {
  return {kernel.rem(row, kTileRows), kernel.index(lane)};
}

void Matmul::emitTile(ArrayRef<WeightPanel> panels, Value begin, Value end,
                      int64_t lane, Place place) {
  Value zero = kernel.splat(0.0, kPanel);
  kernel.forRange(begin, end, 1, [&](Value row) {
    for (size_t p = 0; p < panels.size(); ++p) {
      int64_t at = lane + static_cast<int64_t>(p) * kPanel;
      kernel.store(zero, scratch, getSumPlace(row, at));
    }
  });
  Value isMany =
      kernel.less(kernel.index(kManyRows - 1), kernel.sub(end, begin));
  Value units = kernel.index(countUnits());
  Value chunk =
      arith::SelectOp::create(b, isMany, kernel.index(getChunkUnits()), units);
  kernel.forRange(kernel.index(0), units, chunk, [&](Value first) {
    Value last = kernel.min(kernel.add(first, chunk), units);
    auto stream = [&] {
      forRowBlocks(begin, end, lane, panels.size(), place,
                   [&](Value, ArrayRef<Value> rows, ValueRange sums) {
                     return kernel.forRange(
                         first, last, 1, sums,
                         [&](Value unit, ValueRange carried) {
                           return emitUnit(panels, rows, unit, carried);
                         });
                   });
    };
    if (!isQuantized(kind)) {
      return stream();
    }
    kernel.when(
        isMany,
        [&] { emitExpanded(panels, begin, end, first, last, lane, place); },
        stream);
  });
  int64_t covered = countUnits() * kUnitSteps;
  if (!isQuantized(kind) && covered < countSteps()) {
    forRowBlocks(begin, end, lane, panels.size(), place,
                 [&](Value, ArrayRef<Value> rows, ValueRange sums) {
                   return emitSteps(panels, rows, kernel.index(covered),
                                    countSteps() - covered, sums);
                 });
  }
}

void Matmul::forRowBlocks(
    Value begin, Value end, int64_t lane, size_t panels, Place place,
    llvm::function_ref<Sums(Value first, ArrayRef<Value> rows, ValueRange sums)>
        emit) {
  for (int64_t height : kernel.target.rowBlocks) {
    Value left = kernel.sub(end, begin);
    Value covered = kernel.mul(kernel.div(left, height), height);
    Value stop = kernel.add(begin, covered);
    kernel.forRange(begin, stop, height, [&](Value first) {
      Sums rows, sums;
      SmallVector<SmallVector<Value, 2>> places;
      for (int64_t r = 0; r < height; ++r) {
        rows.push_back(r == 0 ? first : kernel.add(first, r));
      }
      for (size_t p = 0; p < panels; ++p) {
        for (Value row : rows) {
          places.push_back(getSumPlace(row, lane + p * kPanel));
          sums.push_back(kernel.load(scratch, places.back(), kPanel));
        }
      }
      if (place) {
        llvm::transform(rows, rows.begin(), place);
      }
      for (auto [sum, at] : llvm::zip(emit(first, rows, sums), places)) {
        kernel.store(sum, scratch, at);
      }
    });
    begin = stop;
  }
}

int64_t Matmul::getChunkUnits() const {
  int64_t bytes = isQuantized(kind) ? kExpandedBytes : getUnitBytes();
  return std::clamp<int64_t>(kernel.target.chunkBytes / bytes, 1,
                             std::max<int64_t>(1, countUnits()));
}

Value Matmul::getAhead(ArrayRef<WeightPanel> panels, Value at,
                       int64_t distance) {
  Value ahead = kernel.index(distance);
  int64_t between = panels.front().between;
  if (between == 0) {
    return ahead;
  }
  Value isInside = kernel.less(at, kernel.index(panelBytes - distance));
  return arith::SelectOp::create(b, isInside, ahead,
                                 kernel.index(distance + between * panelBytes));
}

void Matmul::startPrefetch(ArrayRef<WeightPanel> panels, Value at) {
  auto get = [&](int64_t bytes) -> Value {
    // Whole units, so that all of one are on the same side of a panel's end.
    int64_t distance = llvm::divideCeil(bytes, getUnitBytes()) * getUnitBytes();
    return bytes == 0 || panelBytes < distance ? nullptr
                                               : getAhead(panels, at, distance);
  };
  ahead = get(kernel.target.prefetchBytes);
  farAhead = get(kernel.target.farPrefetchBytes);
}

void Matmul::prefetch(const WeightPanel &panel, Value at, bool isFar) {
  memref::PrefetchOp::create(b, panel.memory,
                             ValueRange{kernel.add(panel.offset, at)},
                             /*isWrite=*/false, /*localityHint=*/isFar ? 2 : 3,
                             /*isDataCache=*/true);
}

Value Matmul::loadWeights(const WeightPanel &panel, Value at, int64_t bytes,
                          VectorType type, int64_t alignment) {
  int64_t size = type.getNumElements() * type.getElementTypeBitWidth() / 8;
  at = kernel.add(at, bytes);
  if (ahead && bytes % kCacheLine == 0) {
    prefetch(panel, kernel.add(at, ahead));
    if (farAhead) {
      prefetch(panel, kernel.add(at, farAhead), /*isFar=*/true);
    }
  }
  Value place = kernel.add(panel.offset, at);
  Value loaded = vector::LoadOp::create(
      b, VectorType::get({size}, b.getI8Type()), panel.memory,
      ValueRange{place}, /*nontemporal=*/false, llvm::MaybeAlign(alignment));
  return type == loaded.getType()
             ? loaded
             : vector::BitCastOp::create(b, type, loaded).getResult();
}

Value Matmul::constant(VectorType type, int64_t bits) {
  unsigned width = type.getElementTypeBitWidth();
  return arith::ConstantOp::create(
      b,
      DenseElementsAttr::get(type, llvm::APInt(width, bits, /*isSigned=*/false,
                                               /*implicitTrunc=*/true)));
}
