//===- Memory.h - Values of the interpreter: tensors and buffers *- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Every number is a double. What a type cannot hold is rounded away when it is
// stored, with one exception: f32 is kept in full, which makes the interpreter
// an oracle for f32 code.
//
// Buffers know what was written to them. Every view of an arena is a buffer of
// its own: writing any part of one takes all of its bytes, also of rows that
// this forward has not, and spoils every buffer that shares one of them.
// Reading a spoilt buffer is an error, not a wrong number.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_REFERENCE_MEMORY_H
#define GEMMA_COMPILER_REFERENCE_MEMORY_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Operation.h"

#include <memory>
#include <vector>

namespace mlir::gemma::reference {

class Arena;

/// `value` as an element of type `element` holds it: bf16 and f16 to nearest
/// even, integers wrapped to their width, f32 and f64 as they are.
double roundToElement(double value, Type element);

/// The elements behind tensors and buffers.
struct Storage {
  enum State : uint8_t { Unwritten, Written };

  Storage(Type element, int64_t count) : element(element), count(count) {}

  /// Makes room for the elements, all of them unwritten.
  void reset();

  Type element;
  int64_t count;
  /// Both empty in an arena while the buffer holds nothing.
  std::vector<double> cells;
  std::vector<State> states;
  /// Another buffer of the arena has taken some of the bytes.
  bool overwritten = false;
  /// The arena that the bytes lie in, and where; none for memory of its own.
  std::weak_ptr<Arena> arena;
  int64_t byteOffset = 0;
};

/// Scratch memory that buffers are views of, by byte offset.
class Arena : public std::enable_shared_from_this<Arena> {
public:
  explicit Arena(int64_t bytes) : bytes(bytes) {}

  int64_t getBytes() const { return bytes; }
  /// A new buffer of `type` at `offset`.
  std::shared_ptr<Storage> createStorage(int64_t offset, MemRefType type);
  /// Gives all bytes of `by` to it: other buffers that share one lose what
  /// they hold.
  void take(const Storage &by);

private:
  int64_t bytes;
  std::vector<std::shared_ptr<Storage>> storages;
};

/// A strided window of a storage: a tensor, a memref or a part of one.
class View {
public:
  View() = default;
  /// All of `storage`, row-major.
  View(std::shared_ptr<Storage> storage, llvm::ArrayRef<int64_t> sizes);

  /// A new tensor or buffer, unwritten.
  static View create(Type element, llvm::ArrayRef<int64_t> sizes);

  Type getElementType() const { return storage->element; }
  llvm::ArrayRef<int64_t> getSizes() const { return sizes; }
  int64_t getNumElements() const;
  const Storage *getStorage() const { return storage.get(); }
  bool isWritable() const { return writable; }

  /// Part [offsets, offsets + sizes * strides).
  View subview(llvm::ArrayRef<int64_t> offsets, llvm::ArrayRef<int64_t> sizes,
               llvm::ArrayRef<int64_t> strides) const;
  /// The first `count` along the first dimension.
  View takeFront(int64_t count) const;
  /// Element `index` of the first dimension, which goes away.
  View row(int64_t index) const;
  View readOnly() const;

  /// All elements, row-major. Reports elements that hold nothing, or that
  /// another buffer overwrote, at `reader`.
  FailureOr<std::vector<double>> read(Operation *reader) const;
  /// Announces a write at `writer`: the buffer takes its bytes of the arena.
  /// Fails for a read-only view.
  LogicalResult claim(Operation *writer) const;
  /// Stores all elements, row-major and rounded, after claim().
  void write(llvm::ArrayRef<double> values) const;
  /// The same, but for the rounding.
  void writeUnrounded(llvm::ArrayRef<double> values) const;

private:
  /// Calls `apply(first, count)` for every run of elements, row-major, that
  /// lie side by side.
  void forEachRun(
      llvm::function_ref<void(int64_t first, int64_t count)> apply) const;

  std::shared_ptr<Storage> storage;
  int64_t offset = 0;
  llvm::SmallVector<int64_t, 4> sizes;
  llvm::SmallVector<int64_t, 4> strides;
  bool writable = true;
};

} // namespace mlir::gemma::reference

#endif // GEMMA_COMPILER_REFERENCE_MEMORY_H
