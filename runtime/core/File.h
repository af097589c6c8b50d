//===- File.h - Files to read and temporary files ---------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_FILE_H
#define GEMMA_RUNTIME_CORE_FILE_H

#include "runtime/core/Mapping.h"
#include "runtime/core/Result.h"

#include <cstdint>
#include <string>

namespace gemma {

/// An open regular file, closed when its owner ends.
class File {
public:
  File(File &&other) noexcept;
  File &operator=(File &&other) noexcept;
  ~File();

  /// Opens a file to read. Errors: NotFound, InvalidData (not a regular
  /// file), Resource (no file descriptor).
  static Result<File> open(const std::string &path);
  /// An unlinked file of `bytes` zero bytes whose space is reserved, in
  /// $TMPDIR, or else /var/tmp: a disk, as a rule, where /tmp may be memory.
  /// Errors: Resource.
  static Result<File> temporary(uint64_t bytes);

  uint64_t size() const { return bytes; }
  const std::string &path() const { return name; }

  /// Reads exactly [offset, offset + bytes). Errors: InvalidData (the file
  /// became shorter), NotFound (it cannot be read).
  Result<void> read(uint64_t offset, void *to, uint64_t bytes) const;
  /// Writes exactly [offset, offset + bytes). Errors: Resource.
  Result<void> write(uint64_t offset, const void *from, uint64_t bytes) const;
  /// Maps [offset, offset + bytes), which lies in the file; `offset` is a
  /// multiple of the page size.
  Result<Mapping> map(uint64_t offset, uint64_t bytes) const;

private:
  File(int descriptor, std::string name, uint64_t bytes)
      : descriptor(descriptor), name(std::move(name)), bytes(bytes) {}

  int descriptor = -1;
  std::string name;
  uint64_t bytes = 0;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_FILE_H
