//===- KernelImage.h - What a code segment may be ---------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The code segment is an ELF shared object that holds kernels and nothing
// else: it needs no other object, runs nothing when it is loaded, and asks the
// loader for nothing but plain relocations of its own data.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CPU_KERNELIMAGE_H
#define GEMMA_RUNTIME_CPU_KERNELIMAGE_H

#include "runtime/core/Result.h"
#include "runtime/core/Span.h"

#include <string_view>

namespace gemma {

/// Checks that `image` is such an object for this machine and that each of
/// `kernels` is an exported function in its executable part. Reads nothing
/// outside `image`, whatever it holds. Errors: InvalidData.
Result<void> checkKernelImage(Span<const unsigned char> image,
                              Span<const std::string_view> kernels);

} // namespace gemma

#endif // GEMMA_RUNTIME_CPU_KERNELIMAGE_H
