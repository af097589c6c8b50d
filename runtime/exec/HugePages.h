//===- HugePages.h - Weights copied into huge pages -------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_EXEC_HUGEPAGES_H
#define GEMMA_RUNTIME_EXEC_HUGEPAGES_H

#include "runtime/core/CancelFlag.h"
#include "runtime/core/Mapping.h"
#include "runtime/core/Progress.h"
#include "runtime/core/Threads.h"

namespace gemma {

/// A read-only copy of `weights` in memory of the process's own, which the
/// system gives in pages of 2 MB where it can. A mapped file has pages of 4 KB,
/// where the hardware's prefetchers stop: q4_0 decode reads 15 % less per
/// second from them. Errors: Resource (no memory), Interrupted (when `cancel`,
/// which may be null, was requested).
Result<Mapping> copyToHugePages(const Mapping &weights, ThreadPool &pool,
                                Progress &progress, const CancelFlag *cancel);

} // namespace gemma

#endif // GEMMA_RUNTIME_EXEC_HUGEPAGES_H
