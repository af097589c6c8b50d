//===- Cubin.h - What compiled GPU code may be ------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_CUDA_CUBIN_H
#define GEMMA_RUNTIME_CUDA_CUBIN_H

#include "runtime/core/Result.h"

#include <string_view>

namespace gemma::cuda {

/// Whether bytes begin as ELF does.
bool isElf(std::string_view image);

/// Checks that `image` is ELF for CUDA whose section and program headers, and
/// the sections and segments themselves, lie inside it: the driver is not told
/// where it ends. Errors: InvalidData.
Result<void> checkCubin(std::string_view image);

} // namespace gemma::cuda

#endif // GEMMA_RUNTIME_CUDA_CUBIN_H
