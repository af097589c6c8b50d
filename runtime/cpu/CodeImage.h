//===- CodeImage.h - Loads a code segment -----------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CPU_CODEIMAGE_H
#define GEMMA_RUNTIME_CPU_CODEIMAGE_H

#include "runtime/artifact/Hash.h"
#include "runtime/core/File.h"
#include "runtime/core/Result.h"
#include "runtime/core/Span.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gemma {

/// A kernel works on the items [begin, end) of a dispatch. `pointers` are its
/// buffers in the order of the dispatch's bindings, each aligned to 64 bytes (a
/// KV cache takes two: keys, values); scalars[0] is the number of rows,
/// scalars[1] the capacity of its KV cache in positions per slot, or 0.
using Kernel = void (*)(void *const *pointers, const int64_t *scalars,
                        int64_t begin, int64_t end);

/// A loaded code segment; its kernels live as long as it does.
class CodeImage {
public:
  CodeImage(CodeImage &&other) noexcept;
  CodeImage &operator=(CodeImage &&other) noexcept;
  ~CodeImage();

  /// Copies a range of a file to memory that nobody can change any more
  /// (a sealed memfd), checks the digest of that memory and that it is a
  /// kernel image (KernelImage.h), and loads it. What was hashed is what runs.
  /// Errors: InvalidData, NotFound (unreadable), Resource.
  static Result<CodeImage> load(const File &file, uint64_t offset,
                                uint64_t size, const Digest &digest,
                                Span<const std::string_view> kernels);

  /// The kernels, in the order in which load() was given their names.
  const std::vector<Kernel> &kernels() const { return functions; }

private:
  CodeImage() = default;

  // Open as long as the image is loaded: the loader knows an image by its
  // name, "/proc/self/fd/N", so N must not be used for another one.
  int descriptor = -1;
  void *handle = nullptr;
  std::vector<Kernel> functions;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_CPU_CODEIMAGE_H
