//===- ReadLoops.h - Loops that only read memory ----------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_BENCH_READLOOPS_H
#define GEMMA_RUNTIME_BENCH_READLOOPS_H

#include "runtime/core/Span.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gemma {

/// Bytes that a read loop goes on by.
constexpr uint64_t kReadBlock = 512;

/// A loop that adds up memory and does nothing else, so that its speed is that
/// of the reading.
struct ReadLoop {
  /// Vector bits, accumulators, bytes prefetched ahead, places that are read
  /// side by side: "512x1+2048", "512x4, 2 streams".
  std::string name;
  /// The sum of the 64-bit words (wrapping) of [begin, end), whose size is a
  /// multiple of kReadBlock.
  uint64_t (*sum)(const unsigned char *begin, const unsigned char *end);
};

/// The loops that this machine can run, with 1, 2, 4 and 8 accumulators,
/// several prefetch distances, and 1, 2 and 4 places read side by side: which
/// is the fastest differs from machine to machine. The first is the plainest.
std::vector<ReadLoop> readLoops();

} // namespace gemma

#endif // GEMMA_RUNTIME_BENCH_READLOOPS_H
