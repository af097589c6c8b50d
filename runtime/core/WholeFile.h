//===- WholeFile.h - A file that is there whole or not at all ---*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CORE_WHOLEFILE_H
#define GEMMA_RUNTIME_CORE_WHOLEFILE_H

#include "runtime/core/Result.h"

#include <cstdint>
#include <string>

namespace gemma {

/// A file being written under a temporary name beside its target, whose place
/// it takes in `commit`; without a commit it is removed. A symbolic link stays,
/// and what it names is replaced. A target that is there and no regular file,
/// such as /dev/null, is written directly.
class WholeFile {
public:
  /// Errors: NotFound or Resource if the file cannot be made.
  static Result<WholeFile> create(const std::string &path);
  WholeFile(WholeFile &&) noexcept;
  WholeFile &operator=(WholeFile &&) noexcept;
  ~WholeFile();

  /// Appends bytes. Errors: Resource.
  Result<void> write(const void *bytes, uint64_t size);
  /// Errors: Resource; the target is then as it was.
  Result<void> commit();

private:
  WholeFile(std::string target, std::string temporary, int descriptor)
      : target(std::move(target)), temporary(std::move(temporary)),
        descriptor(descriptor) {}

  // `temporary` is empty if the target is written directly.
  std::string target, temporary;
  int descriptor = -1;
};

/// Creates, writes and commits.
Result<void> writeWholeFile(const std::string &path, const std::string &bytes);

} // namespace gemma

#endif // GEMMA_RUNTIME_CORE_WHOLEFILE_H
