//===- MemoryPlan.h - What a session needs, before it is allocated *- C++
//-*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_EXEC_MEMORYPLAN_H
#define GEMMA_RUNTIME_EXEC_MEMORYPLAN_H

#include "runtime/artifact/ManifestView.h"
#include "runtime/gemma.h"

namespace gemma {

/// Replaces every 0 that stands for a default, and checks the rest. Errors:
/// InvalidUsage.
Result<SessionOptions> resolveOptions(const artifact::Manifest &manifest,
                                      const SessionOptions &options);

/// The memory of a session with resolved options. Errors: Resource (more than
/// can be addressed).
Result<MemoryPlan> planMemory(const artifact::Manifest &manifest,
                              const SessionOptions &options);

/// Bytes of one of a forward's index arrays, [max_rows] i32, as allocated.
uint64_t indexArrayBytes(const artifact::Manifest &manifest);

/// Bytes of the weights that a stub artifact has filled at run time; 0 for
/// any other artifact.
uint64_t filledBytes(const artifact::Manifest &manifest);

} // namespace gemma

#endif // GEMMA_RUNTIME_EXEC_MEMORYPLAN_H
