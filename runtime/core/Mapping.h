//===- Mapping.h - Memory from mmap, given back by its owner ----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_MAPPING_H
#define GEMMA_RUNTIME_CORE_MAPPING_H

#include "runtime/core/Result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gemma {

/// A page-aligned range of memory from mmap, unmapped when its owner ends. An
/// empty one holds no memory.
class Mapping {
public:
  Mapping() = default;
  Mapping(Mapping &&other) noexcept;
  Mapping &operator=(Mapping &&other) noexcept;
  ~Mapping();

  /// `bytes` of zero-filled memory. `what` names it in the error, Resource.
  static Result<Mapping> zeroed(uint64_t bytes, std::string_view what);
  /// Bytes [offset, offset + bytes) of an open file, read-only and shared.
  /// `offset` is a multiple of the page size, the range lies in the file.
  static Result<Mapping> file(int descriptor, uint64_t offset, uint64_t bytes,
                              std::string_view what);

  /// From here on a write to it is a fault.
  void protect();

  unsigned char *data() const { return first; }
  size_t size() const { return count; }

private:
  Mapping(unsigned char *data, size_t size) : first(data), count(size) {}

  unsigned char *first = nullptr;
  size_t count = 0;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_MAPPING_H
