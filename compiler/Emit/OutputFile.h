//===- OutputFile.h - A file that appears whole or not at all ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_EMIT_OUTPUTFILE_H
#define GEMMA_COMPILER_EMIT_OUTPUTFILE_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace mlir::gemma {

/// A file being written under a temporary name beside its target, which it
/// replaces in one step by `commit`. Until then the target is absent or as it
/// was, whatever happens. The temporary file is removed if this object ends
/// without `commit` and on signals that LLVM handles (SIGINT, SIGTERM, a
/// crash); what a SIGKILL leaves, the next `create` for the same target
/// removes.
class OutputFile {
public:
  /// Opens `.NAME.partial-PID` in the folder of `path`. Errors: NotFound if
  /// there is no such folder, InvalidUsage if `path` is no regular file,
  /// Resource if the folder cannot be written to.
  static ::gemma::Result<OutputFile> create(const std::string &path);

  OutputFile(OutputFile &&other) noexcept;
  OutputFile &operator=(OutputFile &&) = delete;
  ~OutputFile();

  /// Sets the file's size and asks for its space, so that a full disk shows
  /// at once. Ranges that are not written are zero. Errors: Resource.
  ::gemma::Result<void> allocate(uint64_t bytes);

  /// Writes exactly `bytes` at `offset`, and has the system start moving them
  /// to the disk. Errors: Resource.
  ::gemma::Result<void> write(uint64_t offset, std::string_view bytes);

  /// Reads back what lies at [offset, offset + bytes). Errors: Resource.
  ::gemma::Result<std::string> read(uint64_t offset, uint64_t bytes) const;

  /// Makes the contents last and gives them the target's name. Errors:
  /// Resource; the target is then as it was.
  ::gemma::Result<void> commit();

  /// The temporary name.
  const std::string &getTemporaryPath() const { return temporary; }

private:
  OutputFile(int file, std::string path, std::string temporary)
      : file(file), path(std::move(path)), temporary(std::move(temporary)) {}

  ::gemma::Error failure(const char *action) const;
  void close();

  int file;
  std::string path;
  std::string temporary;
};

/// Writes a whole file by way of an OutputFile, or straight to what is no
/// regular file (a device, a pipe).
::gemma::Result<void> writeFile(const std::string &path,
                                std::string_view contents);

} // namespace mlir::gemma

#endif // GEMMA_COMPILER_EMIT_OUTPUTFILE_H
