//===- MappedFile.h - A read-only file in memory ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_MAPPEDFILE_H
#define GEMMA_COMPILER_IMPORT_READERS_MAPPEDFILE_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace gemma {

/// A regular file, mapped read-only. Pages are read when they are touched, so
/// the file must not be cut short while it is mapped.
class MappedFile {
public:
  /// Maps `path`. Errors: NotFound if it is absent or unreadable, InvalidData
  /// if it is no regular file, Resource if it cannot be mapped.
  static Result<MappedFile> open(const std::string &path);

  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&other) noexcept;
  ~MappedFile();

  std::string_view bytes() const { return {data, size}; }

  /// Gives the memory of [offset, offset + count) back to the system; the
  /// bytes are read again if they are touched again. Both are clamped to the
  /// file. Safe beside readers in other threads.
  void release(uint64_t offset, uint64_t count) const;

private:
  MappedFile() = default;

  const char *data = nullptr;
  size_t size = 0;
};

/// Contents of a regular file of at most `limit` bytes. Errors as for
/// MappedFile::open, and InvalidData if it is larger or a git-lfs pointer.
Result<std::string> readSmallFile(const std::string &path, uint64_t limit);

/// Whether a directory entry of that name is there, be it readable or not.
bool entryExists(const std::string &path);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_MAPPEDFILE_H
