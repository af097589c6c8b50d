//===- Memory.cpp - Values of the interpreter: tensors and buffers --------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Reference/Memory.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::gemma::reference;

static double roundFloat(double value, const llvm::fltSemantics &semantics) {
  // Through f32, as hardware does that computes in f32.
  llvm::APFloat number(static_cast<float>(value));
  bool losesInfo;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  number.convert(llvm::APFloat::IEEEdouble(),
                 llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return number.convertToDouble();
}

double mlir::gemma::reference::roundToElement(double value, Type element) {
  if (element.isBF16()) {
    return roundFloat(value, llvm::APFloat::BFloat());
  }
  if (element.isF16()) {
    return roundFloat(value, llvm::APFloat::IEEEhalf());
  }
  if (element.isInteger(1)) {
    return value != 0 ? 1 : 0;
  }
  if (auto integer = llvm::dyn_cast<IntegerType>(element);
      integer && integer.getWidth() < 64) {
    return static_cast<double>(
        llvm::SignExtend64(static_cast<int64_t>(value), integer.getWidth()));
  }
  return value;
}

/// Bytes of an element in memory.
static int64_t getElementBytes(Type element) {
  if (element.isIndex()) {
    return sizeof(int64_t);
  }
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

//===----------------------------------------------------------------------===//
// Arena
//===----------------------------------------------------------------------===//

void Storage::reset() {
  cells.assign(count, 0.0);
  states.assign(count, Unwritten);
  overwritten = false;
}

std::shared_ptr<Storage> Arena::createStorage(int64_t offset, MemRefType type) {
  auto storage =
      std::make_shared<Storage>(type.getElementType(), type.getNumElements());
  storage->arena = weak_from_this();
  storage->byteOffset = offset;
  storages.push_back(storage);
  return storage;
}

void Arena::take(const Storage &by) {
  int64_t begin = by.byteOffset;
  int64_t end = begin + by.count * getElementBytes(by.element);
  for (const std::shared_ptr<Storage> &other : storages) {
    int64_t first = other->byteOffset;
    int64_t last = first + other->count * getElementBytes(other->element);
    if (other.get() == &by || last <= begin || end <= first ||
        other->cells.empty()) {
      continue;
    }
    other->overwritten = true;
    // The values are gone; so is their memory.
    std::vector<double>().swap(other->cells);
    std::vector<Storage::State>().swap(other->states);
  }
}

//===----------------------------------------------------------------------===//
// View
//===----------------------------------------------------------------------===//

View::View(std::shared_ptr<Storage> storage, llvm::ArrayRef<int64_t> sizes)
    : storage(std::move(storage)), sizes(sizes), strides(sizes.size(), 1) {
  for (int64_t i = static_cast<int64_t>(sizes.size()) - 2; i >= 0; --i) {
    strides[i] = strides[i + 1] * sizes[i + 1];
  }
}

View View::create(Type element, llvm::ArrayRef<int64_t> sizes) {
  int64_t count = 1;
  for (int64_t size : sizes) {
    count *= size;
  }
  auto storage = std::make_shared<Storage>(element, count);
  storage->reset();
  return View(std::move(storage), sizes);
}

int64_t View::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : sizes) {
    count *= size;
  }
  return count;
}

View View::subview(llvm::ArrayRef<int64_t> offsets,
                   llvm::ArrayRef<int64_t> newSizes,
                   llvm::ArrayRef<int64_t> steps) const {
  View part = *this;
  part.sizes.assign(newSizes.begin(), newSizes.end());
  for (size_t i = 0; i < sizes.size(); ++i) {
    part.offset += offsets[i] * strides[i];
    part.strides[i] = strides[i] * steps[i];
  }
  return part;
}

View View::takeFront(int64_t count) const {
  View part = *this;
  part.sizes[0] = count;
  return part;
}

View View::row(int64_t index) const {
  View part = *this;
  part.offset += index * strides[0];
  part.sizes.erase(part.sizes.begin());
  part.strides.erase(part.strides.begin());
  return part;
}

View View::readOnly() const {
  View part = *this;
  part.writable = false;
  return part;
}

void View::forEachRun(
    llvm::function_ref<void(int64_t first, int64_t count)> apply) const {
  if (getNumElements() == 0) {
    return;
  }
  // The innermost dimensions that are one run of memory.
  int64_t length = 1;
  size_t outer = sizes.size();
  while (outer > 0 && (sizes[outer - 1] == 1 || strides[outer - 1] == length)) {
    length *= sizes[--outer];
  }
  llvm::SmallVector<int64_t, 4> index(outer, 0);
  while (true) {
    int64_t first = offset;
    for (size_t i = 0; i < outer; ++i) {
      first += index[i] * strides[i];
    }
    apply(first, length);
    size_t dim = outer;
    while (dim > 0 && ++index[dim - 1] == sizes[dim - 1]) {
      index[--dim] = 0;
    }
    if (dim == 0) {
      return;
    }
  }
}

FailureOr<std::vector<double>> View::read(Operation *reader) const {
  int64_t bytes = getElementBytes(storage->element);
  if (getNumElements() != 0 && storage->overwritten) {
    return reader->emitOpError("reads ")
           << getNumElements() * bytes << " bytes of a buffer that another "
           << "buffer overwrote";
  }
  std::vector<double> values;
  values.reserve(getNumElements());
  int64_t unwritten = 0;
  forEachRun([&](int64_t first, int64_t count) {
    if (storage->cells.empty()) {
      unwritten += count;
      return;
    }
    for (int64_t i = first; i < first + count; ++i) {
      unwritten += storage->states[i] == Storage::Unwritten;
    }
    values.insert(values.end(), storage->cells.begin() + first,
                  storage->cells.begin() + first + count);
  });
  if (unwritten != 0) {
    return reader->emitOpError("reads ")
           << unwritten * bytes << " bytes that nothing wrote";
  }
  return values;
}

LogicalResult View::claim(Operation *writer) const {
  if (!writable) {
    return writer->emitOpError("writes a buffer that is only to be read");
  }
  if (std::shared_ptr<Arena> arena = storage->arena.lock()) {
    arena->take(*storage);
    if (storage->cells.empty()) {
      storage->reset();
    }
  }
  return success();
}

void View::write(llvm::ArrayRef<double> values) const {
  std::vector<double> rounded;
  rounded.reserve(values.size());
  for (double value : values) {
    rounded.push_back(roundToElement(value, storage->element));
  }
  writeUnrounded(rounded);
}

void View::writeUnrounded(llvm::ArrayRef<double> values) const {
  size_t next = 0;
  forEachRun([&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) {
      storage->cells[i] = values[next++];
      storage->states[i] = Storage::Written;
    }
  });
}
