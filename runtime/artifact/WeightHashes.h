//===- WeightHashes.h - Checks the bytes of the weights ---------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_ARTIFACT_WEIGHTHASHES_H
#define GEMMA_RUNTIME_ARTIFACT_WEIGHTHASHES_H

#include "runtime/artifact/Reader.h"
#include "runtime/core/CancelFlag.h"
#include "runtime/core/Progress.h"
#include "runtime/core/Threads.h"

namespace gemma {

/// Checks the hash of every weight (of a stub: of its data) and that the
/// padding between weights is zero; reads all their bytes on the threads of
/// `pool`. Errors: InvalidData, NotFound (unreadable), Resource, Interrupted
/// (when `cancel`, which may be null, was requested).
Result<void> checkWeightBytes(const Artifact &artifact, ThreadPool &pool,
                              Progress &progress, const CancelFlag *cancel);

/// Bytes that checkWeightBytes reads, the progress bar's total.
uint64_t weightBytes(const Artifact &artifact);

} // namespace gemma

#endif // GEMMA_RUNTIME_ARTIFACT_WEIGHTHASHES_H
